/**
 * What every Foo/set shares (RFC 8620 §5.3). All objects go in one unit of work: one commit, one state. An object that is
 * refused before its first write (SetError) leaves its neighbours alone; when the store itself refuses one half-way, the unit
 * is rolled back and the objects are tried one by one, so that the refusal hits only its object.
 */
import type { AccountId } from '../../base/ids.ts';
import type { ChangeType } from '../../db/tables/mail.ts';
import { isDomainError } from '../../base/errors.ts';
import type { AccountWriter } from '../../mailstore/types.ts';
import type { MethodContext } from '../context.ts';
import { resolveId } from './get.ts';
import { MethodError, SetError, setErrorOf } from './errors.ts';
import { isWholeRecord, orNull } from './records.ts';

export interface SetArguments {
  accountId: string;
  ifInState: string | null;
  create: Record<string, unknown> | null;
  update: Record<string, unknown> | null;
  destroy: string[] | null;
}

export type SetPhase = 'create' | 'update' | 'destroy';
/** One object's change. `run` gives what `created` or `updated` says about it. */
export interface SetStep {
  phase: SetPhase;
  /** Creation id, or id. */
  key: string;
  run(writer: AccountWriter): Promise<Record<string, unknown> | null>;
  /** Found out before the unit of work. */
  refused?: SetError;
}

type StepOutcome = { ok: Record<string, unknown> | null } | { refused: SetError };
export interface SetOutcome {
  oldState: string;
  newState: string;
  outcomes: Map<SetStep, StepOutcome>;
}

export function checkSetSize(context: MethodContext, args: Pick<SetArguments, 'create' | 'update' | 'destroy'>): void {
  const count =
    Object.keys(args.create ?? {}).length + Object.keys(args.update ?? {}).length + (args.destroy?.length ?? 0);
  if (count > context.settings.maxObjectsInSet)
    throw new MethodError('requestTooLarge', `at most ${context.settings.maxObjectsInSet} objects`);
}

export interface RunSetOptions {
  context: MethodContext;
  accountId: AccountId;
  type: ChangeType;
  ifInState: string | null;
  /** Called in each attempt: a unit of work may run again. */
  steps: SetStep[];
}

/** @throws MethodError stateMismatch */
export async function runSet(options: RunSetOptions): Promise<SetOutcome> {
  const { steps } = options;
  try {
    return await runUnit(options, steps, options.ifInState);
  } catch (error) {
    if (!isDomainError(error) || !setErrorOf(error)) throw error;
    if (steps.length === 1) return refusedAlone(options, steps, error);
  }
  return runOneByOne(options);
}

async function refusedAlone(
  { context, accountId, type }: RunSetOptions,
  steps: SetStep[],
  error: unknown,
): Promise<SetOutcome> {
  const state = String(await context.mailstore.read(accountId).state(type));
  const refused = setErrorOf(error) ?? new SetError('serverFail');
  return { oldState: state, newState: state, outcomes: new Map(steps.map((step) => [step, { refused }])) };
}

async function runOneByOne(options: RunSetOptions): Promise<SetOutcome> {
  const all: SetOutcome = { oldState: '', newState: '', outcomes: new Map() };
  for (const [index, step] of options.steps.entries()) {
    let one: SetOutcome;
    try {
      one = await runUnit(options, [step], index === 0 ? options.ifInState : null);
    } catch (error) {
      if (!isDomainError(error) || !setErrorOf(error)) throw error;
      one = await refusedAlone(options, [step], error);
    }
    if (index === 0) all.oldState = one.oldState;
    all.newState = one.newState;
    for (const [key, outcome] of one.outcomes) all.outcomes.set(key, outcome);
  }
  return all;
}

function runUnit(
  { context, accountId, type }: RunSetOptions,
  steps: SetStep[],
  ifInState: string | null,
): Promise<SetOutcome> {
  const made = [...context.createdIds];
  return context.mailstore.write(accountId, async (writer) => {
    // The unit may run again from its start: ids made in a failed run are forgotten.
    context.createdIds.clear();
    for (const [key, id] of made) context.createdIds.set(key, id);
    const oldState = String(await writer.state(type));
    if (ifInState !== null && ifInState !== oldState) throw new MethodError('stateMismatch');
    const outcomes = new Map<SetStep, StepOutcome>();
    for (const step of steps) outcomes.set(step, await runStep(step, writer, context));
    return { oldState, newState: String(await writer.state(type)), outcomes };
  });
}

async function runStep(step: SetStep, writer: AccountWriter, context: MethodContext): Promise<StepOutcome> {
  if (step.refused) return { refused: step.refused };
  try {
    const ok = await step.run(writer);
    const id = step.phase === 'create' ? ok?.['id'] : undefined;
    // RFC 8620 §5.3: later objects of the same request may name it by its creation id.
    if (typeof id === 'string') context.createdIds.set(step.key, id);
    return { ok };
  } catch (error) {
    if (error instanceof SetError) return { refused: error };
    throw error;
  }
}

/** The answer of a Foo/set (RFC 8620 §5.3). */
export function setResponse(
  context: MethodContext,
  accountId: string,
  { oldState, newState, outcomes }: SetOutcome,
): Record<string, unknown> {
  const done = {
    create: new Map<string, unknown>(),
    update: new Map<string, unknown>(),
    destroy: new Map<string, unknown>(),
  };
  const not = {
    create: new Map<string, unknown>(),
    update: new Map<string, unknown>(),
    destroy: new Map<string, unknown>(),
  };
  for (const [{ phase, key }, outcome] of outcomes) {
    // "The keys in this map are the ids": "#x" is none, and by now one is known for it.
    const name = phase === 'create' ? key : resolveId(context, key);
    if ('refused' in outcome) not[phase].set(name, outcome.refused.toJSON());
    else done[phase].set(name, outcome.ok);
  }
  return {
    accountId,
    oldState,
    newState,
    created: orNull(done.create),
    updated: orNull(done.update),
    destroyed: done.destroy.size === 0 ? null : [...done.destroy.keys()],
    notCreated: orNull(not.create),
    notUpdated: orNull(not.update),
    notDestroyed: orNull(not.destroy),
  };
}

/** A step for each entry of `create`; an entry that is no object is refused. */
export function createSteps(
  args: SetArguments,
  make: (key: string, object: Record<string, unknown>) => SetStep,
): SetStep[] {
  return Object.entries(args.create ?? {}).map(([key, object]) =>
    isWholeRecord(object)
      ? make(key, object)
      : refusedStep('create', key, new SetError('invalidProperties', 'is no object', { properties: [] })),
  );
}

/** RFC 8620 §5.3: an id that is also to be destroyed is not updated (willDestroy). `id()` is known when the step runs: it may be made in this call. */
export function updateSteps(
  args: SetArguments,
  context: MethodContext,
  run: (id: string, patch: Record<string, unknown>, writer: AccountWriter) => ReturnType<SetStep['run']>,
): SetStep[] {
  const doomed = new Set(args.destroy?.map((id) => resolveId(context, id)));
  return Object.entries(args.update ?? {}).map(([key, patch]) => {
    if (doomed.has(resolveId(context, key))) return refusedStep('update', key, new SetError('willDestroy'));
    if (!isWholeRecord(patch)) return refusedStep('update', key, new SetError('invalidPatch', 'is no object'));
    return { phase: 'update', key, run: (writer) => run(resolveId(context, key), patch, writer) };
  });
}

export function destroySteps(
  args: SetArguments,
  context: MethodContext,
  run: (id: string, writer: AccountWriter) => Promise<void>,
): SetStep[] {
  return [...new Set(args.destroy?.map((id) => resolveId(context, id)))].map((key) => ({
    phase: 'destroy',
    key,
    async run(writer) {
      await run(resolveId(context, key), writer);
      return null;
    },
  }));
}

export function refusedStep(phase: SetPhase, key: string, refused: SetError): SetStep {
  return { phase, key, refused, run: () => Promise.reject(refused) };
}
