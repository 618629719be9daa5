/** From evidence to the one word that a reader sees (docs/trust-verdict.md). Pure; the order of the steps is the order of the checks. */
import type { Verdict, VerdictKind } from '../base/api-types.ts';
import type { CheckResult } from './check.ts';
import type { Inspection } from './inspect.ts';

export type Signed = Extract<Inspection, { kind: 'signed' }>;
type Good = Extract<CheckResult, { kind: 'good' }>;

export interface Evidence {
  inspection: Signed;
  result: CheckResult;
  keySource?: 'province' | 'wkd';
  arrivedAt: number;
  checkedAt: number;
  /** From the table of keys, for keys of our own: it knows better than the key when it went out of use. */
  state?: { state: 'superseded' | 'compromised' | 'retired'; at: number };
  signer?: { name: string; address: string; title?: string; unit?: string };
  /** What the From address is to the signer. */
  from: 'own' | 'delegate' | 'other' | 'none' | 'several' | 'misleading';
  onBehalfOf?: { name: string; address: string };
  limits: { maxAge: number; maxAhead: number };
}

type Check = Verdict['checks'][number];
interface Finding {
  check: Check;
  /** The verdict when this check fails; absent: only noted. */
  kind?: VerdictKind;
}

const iso = (at: number): string => new Date(at).toISOString();
const finding = (check: string, ok: boolean, kind?: VerdictKind, detail?: string): Finding => ({
  check: { check, ok, ...(detail === undefined || detail === '' ? {} : { detail }) },
  ...(kind === undefined ? {} : { kind }),
});

export function decide(evidence: Evidence): Verdict {
  const { inspection, result } = evidence;
  const findings = [...signatureFindings(inspection), ...headerFindings(inspection), ...keyFindings(evidence)];
  if (result.kind === 'good') findings.push(...signerFindings(evidence, result));
  findings.push(...coverageFindings(inspection));
  const kind = findings.find((f) => !f.check.ok && f.kind !== undefined)?.kind ?? 'whole';
  const revocation = result.kind === 'good' ? revocationOf(evidence, result) : undefined;
  return {
    kind,
    ...(result.kind === 'good' && evidence.signer
      ? { signer: { ...evidence.signer, fingerprint: result.fingerprint } }
      : {}),
    ...(evidence.onBehalfOf && evidence.from === 'delegate' ? { onBehalfOf: evidence.onBehalfOf } : {}),
    ...(result.kind === 'good' ? { signedAt: iso(inspection.signature.createdAt) } : {}),
    checkedAt: iso(evidence.checkedAt),
    ...(inspection.headers.changed.length > 0 ? { changedHeaders: inspection.headers.changed } : {}),
    ...(kind === 'partlySigned' && inspection.outside.length > 0 ? { signedPart: inspection.signedPart } : {}),
    files: inspection.files,
    ...(evidence.keySource && result.kind === 'good' ? { keySource: evidence.keySource } : {}),
    ...(revocation ? { revocation: { at: iso(revocation.at), reason: revocation.reason } } : {}),
    checks: findings.map((f) => f.check),
  };
}

function signatureFindings({ signature, micalg }: Signed): Finding[] {
  return [
    finding('digest', !signature.weak, 'unsigned', signature.hash),
    // RFC 3156 §5: only a hint for one-pass readers; the signature itself names what was used.
    finding(
      'micalg',
      micalg.fits,
      undefined,
      micalg.fits ? micalg.stated : `stated ${micalg.stated || 'nothing'}, used pgp-${signature.hash}`,
    ),
  ];
}

function headerFindings({ headers }: Signed): Finding[] {
  return [
    finding('headersOnce', !headers.repeated, 'altered'),
    finding(
      'headersUnchanged',
      headers.changed.length === 0,
      'altered',
      headers.changed.map((c) => c.field).join(', '),
    ),
  ];
}

function keyFindings({ result, inspection, keySource }: Evidence): Finding[] {
  if (result.kind === 'noKey') return [finding('key', false, 'unknownSigner', inspection.signature.keyId)];
  if (result.kind === 'bad')
    return [
      finding('key', true, undefined, inspection.signature.keyId),
      finding('signature', false, 'altered', result.detail),
    ];
  return [
    finding('key', true, undefined, `${keySource ?? ''} ${result.fingerprint}`.trim()),
    finding('signature', true),
    finding('certified', result.user !== undefined, 'unknownSigner', result.user?.address),
  ];
}

function signerFindings(evidence: Evidence, result: Good): Finding[] {
  const { inspection, arrivedAt, limits, from } = evidence;
  const { createdAt } = inspection.signature;
  const timely = createdAt <= arrivedAt + limits.maxAhead && createdAt >= arrivedAt - limits.maxAge;
  const revocation = revocationOf(evidence, result);
  return [
    finding('time', timely, 'altered', `signed ${iso(createdAt)}, arrived ${iso(arrivedAt)}`),
    finding(
      'notRevoked',
      revocation?.counts !== true,
      'revoked',
      revocation ? `${revocation.reason} ${iso(revocation.at)}` : undefined,
    ),
    finding(
      'notExpired',
      result.validity !== 'expired',
      'expired',
      result.validity === 'expired' ? result.detail : undefined,
    ),
    finding(
      'keyFit',
      result.validity !== 'unfit',
      'unknownSigner',
      result.validity === 'unfit' ? result.detail : undefined,
    ),
    finding('sender', from === 'own' || from === 'delegate', 'notSender', from),
  ];
}

function coverageFindings({ headers, outside }: Signed): Finding[] {
  return [
    finding(
      'headersCovered',
      headers.present && headers.uncovered.length === 0,
      'partlySigned',
      headers.present ? headers.uncovered.join(', ') : 'the signed part repeats no header fields',
    ),
    finding('contentCovered', outside.length === 0, 'partlySigned', outside.join(', ')),
  ];
}

function revocationOf(
  { state, inspection, arrivedAt }: Evidence,
  { revocation }: Good,
): { at: number; reason: string; counts: boolean } | undefined {
  const { createdAt } = inspection.signature;
  if (state) {
    // Who holds a stolen key can write any time into a signature, but not the time of arrival.
    const counts = state.state === 'compromised' ? Math.max(createdAt, arrivedAt) >= state.at : createdAt > state.at;
    return { at: state.at, reason: state.state, counts };
  }
  if (!revocation) return undefined;
  return { at: revocation.at, reason: revocation.reason, counts: revocation.hard || createdAt >= revocation.at };
}

/** Where no signature counts, or none can be read. */
export function plainVerdict(inspection: Exclude<Inspection, Signed>, checkedAt: number): Verdict {
  const base = { checkedAt: iso(checkedAt), files: inspection.files };
  if (inspection.kind === 'broken')
    return { kind: 'altered', ...base, checks: [{ check: 'unreadable', ok: false, detail: inspection.reason }] };
  return {
    kind: 'unsigned',
    ...base,
    checks:
      inspection.noticed === undefined
        ? []
        : [{ check: inspection.noticed, ok: false, detail: 'does not count as a signature of this message' }],
  };
}

export function unreadableVerdict(detail: string, files: number, checkedAt: number): Verdict {
  return {
    kind: 'altered',
    checkedAt: iso(checkedAt),
    files: { signed: 0, unsigned: files },
    checks: [{ check: 'unreadable', ok: false, detail }],
  };
}
