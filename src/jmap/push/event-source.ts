/**
 * Push by event source (RFC 8620 §7.3). The store says that an account changed, never what: changes are gathered for a moment, then
 * the states are read and those that moved are told. A listener that does not read gets the latest states once it does, never a
 * backlog. Who may listen is asked again from time to time.
 */
import type { AccountId } from '../../base/ids.ts';
import type { AccountReader } from '../../mailstore/types.ts';
import { accountIds } from '../../base/object-ids.ts';
import type { JmapParts } from '../context.ts';

const pushedTypes = ['Mailbox', 'Email', 'Thread', 'EmailSubmission'] as const;
/** RFC 8621 §1.5: moves only when an email came. */
const DELIVERY = 'EmailDelivery';
const MAX_WAITING_EVENTS = 16;
const MAX_PING = 900;

export interface EventSourceOptions {
  parts: JmapParts;
  accounts: readonly AccountId[];
  /** Undefined: all. */
  types: ReadonlySet<string> | undefined;
  closeAfterState: boolean;
  /** Seconds; 0: none. */
  ping: number;
  lastEventId: string | null;
  /** May this official still listen, to just these accounts? */
  stillAllowed(): Promise<boolean>;
  onClose(): void;
}

type States = Map<AccountId, Map<string, string>>;

export function eventSource(options: EventSourceOptions): Response {
  let stream: EventStream | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        stream = new EventStream(options, controller);
        await stream.start();
      },
      pull: () => stream?.drained(),
      cancel: () => stream?.close(),
    },
    { highWaterMark: MAX_WAITING_EVENTS },
  );
  return new Response(body, {
    headers: {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    },
  });
}

class EventStream {
  private readonly options: EventSourceOptions;
  private readonly controller: ReadableStreamDefaultController<Uint8Array>;
  private readonly ends: (() => void)[] = [];
  private told: States = new Map();
  private flushTimer: NodeJS.Timeout | undefined;
  private flushing = false;
  private dirty = false;
  private closed = false;

  constructor(options: EventSourceOptions, controller: ReadableStreamDefaultController<Uint8Array>) {
    this.options = options;
    this.controller = controller;
  }

  async start(): Promise<void> {
    const { parts, accounts, ping, lastEventId } = this.options;
    // Listen first, read second: nothing falls between.
    for (const id of accounts) this.ends.push(parts.mailstore.subscribe(id, () => this.changed()));
    this.told = await this.read();
    // A line at once, so that the client and what lies between know that the stream is open.
    this.write(': open\n\n');
    // RFC 8620 §7.3: a client that comes back hears what it missed.
    if (lastEventId !== null && lastEventId !== '' && lastEventId !== eventId(this.told)) this.tell(this.told);
    if (ping > 0)
      this.every(Math.min(ping, MAX_PING) * 1000, () =>
        this.write(`event: ping\ndata: ${JSON.stringify({ interval: Math.min(ping, MAX_PING) })}\n\n`),
      );
    this.every(parts.settings.eventSourceRecheck, () => void this.recheck());
  }

  drained(): void {
    if (this.dirty) this.changed();
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.flushTimer);
    for (const end of this.ends) end();
    this.options.onClose();
    try {
      this.controller.close();
    } catch (error) {
      // Cancelled by the client: it is closed already.
      this.options.parts.log.debug({ err: error }, 'an event stream was closed by its client');
    }
  }

  private every(ms: number, work: () => void): void {
    const timer = setInterval(work, ms);
    timer.unref();
    this.ends.push(() => clearInterval(timer));
  }

  private changed(): void {
    this.dirty = true;
    if (this.closed || this.flushing || this.flushTimer) return;
    this.flushTimer = setTimeout(() => {
      this.flushTimer = undefined;
      void this.flush();
    }, this.options.parts.settings.pushDelay);
  }

  private async flush(): Promise<void> {
    // A full stream keeps `dirty`; `drained` comes back to it.
    if (this.closed || (this.controller.desiredSize ?? 0) <= 0) return;
    this.flushing = true;
    this.dirty = false;
    try {
      const now = await this.read();
      const moved = difference(this.told, now);
      this.told = now;
      if (moved.size > 0) this.tell(moved);
    } catch (error) {
      this.options.parts.log.error({ err: error }, 'states for push could not be read');
      this.close();
    } finally {
      this.flushing = false;
    }
    if (this.dirty) this.changed();
  }

  private tell(states: States): void {
    const changed = Object.fromEntries(
      [...states].map(([id, types]) => [accountIds.print(id), Object.fromEntries(types)]),
    );
    this.write(
      `id: ${eventId(this.told)}\nevent: state\ndata: ${JSON.stringify({ '@type': 'StateChange', changed })}\n\n`,
    );
    if (this.options.closeAfterState) this.close();
  }

  private write(text: string): void {
    if (!this.closed) this.controller.enqueue(Buffer.from(text, 'utf8'));
  }

  private async recheck(): Promise<void> {
    try {
      if (!(await this.options.stillAllowed())) this.close();
    } catch (error) {
      this.options.parts.log.warn({ err: error }, 'an event stream could not be checked');
      this.close();
    }
  }

  private async read(): Promise<States> {
    const { parts, accounts, types } = this.options;
    const states: States = new Map();
    for (const id of accounts)
      states.set(id, await this.readAccount(parts.mailstore.read(id), this.told.get(id), types));
    return states;
  }

  private async readAccount(
    reader: AccountReader,
    before: ReadonlyMap<string, string> | undefined,
    types: ReadonlySet<string> | undefined,
  ): Promise<Map<string, string>> {
    const wants = (type: string): boolean => !types || types.has(type);
    const states = new Map<string, string>();
    for (const type of pushedTypes) if (wants(type)) states.set(type, String(await reader.state(type)));
    if (wants(DELIVERY)) states.set(DELIVERY, await deliveryState(reader, before?.get(DELIVERY)));
    return states;
  }
}

/** The Email state at which an email last came, as far as this stream knows. */
async function deliveryState(reader: AccountReader, before: string | undefined): Promise<string> {
  const state = await reader.state('Email');
  if (before === undefined || String(state) === before) return String(state);
  const { created, hasMoreChanges } = await reader.changes('Email', Number(before) as typeof state);
  return created.length > 0 || hasMoreChanges ? String(state) : before;
}

function difference(before: States, now: States): States {
  const moved: States = new Map();
  for (const [id, types] of now) {
    const changed = [...types].filter(([type, state]) => before.get(id)?.get(type) !== state);
    if (changed.length > 0) moved.set(id, new Map(changed));
  }
  return moved;
}

/** All states that a listener knows after this event. */
function eventId(states: States): string {
  return [...states]
    .map(
      ([id, types]) =>
        `${id}.${[...types]
          .filter(([type]) => type !== DELIVERY)
          .map(([, state]) => state)
          .join('.')}`,
    )
    .join('-');
}
