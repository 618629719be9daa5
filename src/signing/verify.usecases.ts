/** Verdicts: who might have signed, what the worker says, what the directory adds (docs/trust-verdict.md). */
import type { Verdict } from '../base/api-types.ts';
import type { BlobHash } from '../base/ids.ts';
import { TaskError, WorkerFailure } from '../base/worker-pool.ts';
import type { Official } from '../directory/types.ts';
import type { Address } from '../message/types.ts';
import type { CheckResult } from './check.ts';
import type { Context } from './context.ts';
import { checksUnavailable } from './signing.errors.ts';
import type { KeyRow, OutsideKey } from './signing.repository.ts';
import type { Judgement } from './types.ts';
import { decide, plainVerdict, unreadableVerdict, type Evidence, type Signed } from './verdict.ts';
import { splitAddress } from './wkd-name.ts';

export type Judged = Judgement;

export async function judge(
  context: Context,
  bytes: Uint8Array,
  facts: { hash: string; files: number; arrivedAt: number },
): Promise<Judged> {
  const now = context.clock.now();
  if (bytes.length > context.settings.maxMessageBytes)
    return { verdict: unreadableVerdict('too large to be checked', facts.files, now) };
  try {
    const inspection = await context.worker.inspect(bytes);
    if (inspection.kind !== 'signed') return { verdict: plainVerdict(inspection, now) };
    return await judgeSigned(context, bytes, inspection, facts);
  } catch (error) {
    if (error instanceof WorkerFailure && (error.reason === 'start' || error.reason === 'closed'))
      throw checksUnavailable(error);
    // A message that kills or stalls the thread, or that our code trips over: never under the badge, and said so.
    if (!(error instanceof TaskError) && !(error instanceof WorkerFailure)) throw error;
    context.log.warn({ hash: facts.hash, err: error }, 'a signature could not be checked');
    return {
      ...(error instanceof WorkerFailure && error.reason !== 'memory' ? { unfinished: true } : {}),
      verdict: unreadableVerdict(
        error instanceof WorkerFailure ? error.reason : error.message.slice(0, 200),
        facts.files,
        now,
      ),
    };
  }
}

async function judgeSigned(
  context: Context,
  bytes: Uint8Array,
  inspection: Signed,
  facts: { hash: string; arrivedAt: number },
): Promise<Judged> {
  const { clock, settings, repository } = context;
  const found = await findKeys(context, inspection);
  const now = clock.now();
  let result: CheckResult = { kind: 'noKey' };
  if (!inspection.signature.weak && found.keys.length > 0) {
    result = await context.worker.check({
      bytes,
      keys: found.keys,
      now,
      ...(found.certifier ? { certifier: found.certifier } : {}),
      ...(found.address ? { address: found.address } : {}),
    });
  }
  const row =
    result.kind === 'good'
      ? found.rows.find((r) => r.fingerprint === (result.kind === 'good' ? result.fingerprint : ''))
      : undefined;
  if (result.kind === 'good' && row) {
    const { fingerprint } = row;
    const { createdAt: signedAt } = inspection.signature;
    const { hash: messageHash, arrivedAt } = facts;
    await context.db.write((tx) => repository.noteSigned(tx, { fingerprint, messageHash, signedAt, arrivedAt }));
  }
  const verdict = decide({
    inspection,
    result,
    arrivedAt: facts.arrivedAt,
    checkedAt: now,
    limits: { maxAge: settings.signatureMaxAge, maxAhead: settings.signatureMaxAhead },
    ...(found.source ? { keySource: found.source } : {}),
    ...(await who(context, inspection, result, row)),
  });
  const needsKeyOf = inspection.signature.weak ? undefined : found.ask?.[result.kind];
  return { verdict, ...(needsKeyOf === undefined ? {} : { needsKeyOf }) };
}

interface Found {
  keys: Uint8Array[];
  rows: KeyRow[];
  source?: 'province' | 'wkd';
  certifier?: Uint8Array;
  address?: string;
  /** Whose key should be asked for, by what came of these. */
  ask?: Partial<Record<CheckResult['kind'], string>>;
}

/** Our own people's keys first; else the key that the domain of From publishes for exactly that address. */
async function findKeys(
  { repository, directory, clock, settings }: Context,
  { signature, from }: Signed,
): Promise<Found> {
  const rows = await repository.byKeyId(signature.keyId);
  const certification = await repository.certification();
  if (rows.length > 0 && certification)
    return { keys: rows.map((r) => r.publicKey), rows, source: 'province', certifier: certification.publicKey };
  const address = from.length === 1 ? from[0]?.email.toLowerCase() : undefined;
  const domain = address === undefined ? undefined : splitAddress(address)?.domain;
  if (address === undefined || domain === undefined || directory.isLocalDomain(domain)) return { keys: [], rows: [] };
  const known = await repository.outside(address);
  const ask = { ask: toAsk(address, known, clock.now(), settings) };
  if (!known?.publicKey) return { keys: [], rows: [], ...ask };
  return { keys: [known.publicKey], rows: [], source: 'wkd', address, ...ask };
}

/**
 * A signature by a key that we lack may mean that the key is new: an answer some hours old is asked for again. A key that fits
 * may have been revoked since: one some days old is.
 */
function toAsk(
  address: string,
  known: OutsideKey | undefined,
  now: number,
  { outsideKeyFresh, outsideKeyAbsent }: Context['settings'],
): NonNullable<Found['ask']> {
  const age = known ? now - known.fetchedAt : Infinity;
  const believed = known?.publicKey ? Math.min(outsideKeyFresh, outsideKeyAbsent) : outsideKeyAbsent;
  return {
    ...(age > believed ? { noKey: address } : {}),
    ...(age > outsideKeyFresh ? { good: address } : {}),
  };
}

type Who = Pick<Evidence, 'from' | 'signer' | 'state' | 'onBehalfOf'>;

async function who(context: Context, { from }: Signed, result: CheckResult, row: KeyRow | undefined): Promise<Who> {
  if (result.kind !== 'good') return { from: 'none' };
  const user = result.user;
  const sender = plainSender(from);
  if (!row) {
    const own =
      sender !== undefined &&
      typeof sender !== 'string' &&
      user !== undefined &&
      sameAddress(sender.email, user.address);
    return {
      from: typeof sender === 'string' ? sender : own ? 'own' : 'other',
      ...(user ? { signer: { name: user.name, address: user.address } } : {}),
    };
  }
  const official = await context.directory.official({ id: row.officialId });
  const signer = { name: user?.name ?? official?.fullName ?? row.address, address: row.address, ...postOf(official) };
  const state = row.state === 'active' ? {} : { state: { state: row.state, at: row.revokedAt ?? 0 } };
  return {
    signer,
    ...state,
    ...(typeof sender === 'string' ? { from: sender } : await relation(context, row, sender)),
  };
}

function postOf(official: Official | undefined): { title?: string; unit?: string } {
  const post = official?.posts.find((p) => p.isPrimary) ?? official?.posts[0];
  return post ? { title: post.title, unit: post.unitName } : {};
}

/** RFC 5322 allows several authors; a name that is itself another address is there to mislead. */
function plainSender(from: readonly Address[]): Address | 'none' | 'several' | 'misleading' {
  const [only, second] = from;
  if (!only || only.email === '') return 'none';
  if (second) return 'several';
  const claimed = /[^\s<>@"'(]+@[^\s<>@"')]+\.[^\s<>@"')]+/.exec(only.name?.normalize('NFKC') ?? '')?.[0];
  return claimed !== undefined && !sameAddress(claimed, only.email) ? 'misleading' : only;
}

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** From is the signer's own address, or a mailbox that the signer may write for. */
async function relation(
  { directory }: Context,
  row: KeyRow,
  sender: Address,
): Promise<Pick<Evidence, 'from' | 'onBehalfOf'>> {
  if (sameAddress(sender.email, row.address)) return { from: 'own' };
  const allowed = await directory.maySendAs(row.officialId, sender.email.toLowerCase());
  if (!allowed) return { from: 'other' };
  if (allowed.kind === 'person') return { from: 'own' };
  const owner = await directory.owner(allowed.accountId);
  return { from: 'delegate', onBehalfOf: { name: owner?.name ?? sender.email, address: sender.email.toLowerCase() } };
}

/**
 * Stored bytes: judged as of their arrival; title and unit stay as they were first found.
 * @param arrivedAt where we know it; else what a mailbox says
 */
export async function judgeStored(context: Context, hash: BlobHash, arrivedAt?: number): Promise<Judged> {
  const { mailstore, blobs, clock } = context;
  const [bytes, derived, before] = [
    await blobs.read(hash),
    await mailstore.derived(hash),
    await earlier(context, hash),
  ];
  const judged = await judge(context, bytes, {
    hash,
    files: derived?.attachments.length ?? 0,
    arrivedAt: arrivedAt ?? before?.arrivedAt ?? clock.now(),
  });
  const old = before?.signer;
  const { signer } = judged.verdict;
  if (!old || !signer || old.fingerprint !== signer.fingerprint) return judged;
  return {
    ...judged,
    verdict: {
      ...judged.verdict,
      signer: { ...signer, ...(old.title ? { title: old.title } : {}), ...(old.unit ? { unit: old.unit } : {}) },
    },
  };
}

interface Earlier {
  arrivedAt: number;
  signer?: { fingerprint: string; title?: string; unit?: string };
}

/** The first arrival of these bytes in any mailbox, and the signer that was found then. */
async function earlier({ mailstore }: Context, hash: BlobHash): Promise<Earlier | undefined> {
  const [holder] = await mailstore.holders(hash);
  if (!holder) return undefined;
  const [email] = await mailstore.read(holder.accountId).emails([holder.emailId]);
  if (!email) return undefined;
  const verdict = email.verdict as Verdict | null;
  return { arrivedAt: email.receivedAt, ...(verdict?.signer ? { signer: verdict.signer } : {}) };
}
