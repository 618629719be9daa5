/** What several modules' settings are made of; each refuses a value that could not work, in words that say what would. */
import { isIP } from 'node:net';

import * as v from 'valibot';

/** A timer that is to wait longer ends at once (Node counts in 32 bits): such a time limit would cut everybody off. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1;

type Optional<S extends v.GenericSchema> = v.OptionalSchema<S, v.InferInput<S>>;
type NumberSchema = v.GenericSchema<number>;

const whole = (low: number, high: number) => v.pipe(v.number(), v.integer(), v.minValue(low), v.maxValue(high));

/** A time that something waits for, ms. */
export const waitMs = (byDefault: number, least = 1): Optional<NumberSchema> =>
  v.optional(whole(least, LONGEST_WAIT_MS), byDefault);
export const waitSeconds = (byDefault: number, least = 1): Optional<NumberSchema> =>
  v.optional(whole(least, Math.floor(LONGEST_WAIT_MS / 1000)), byDefault);
export const waitMinutes = (byDefault: number, least = 1): Optional<NumberSchema> =>
  v.optional(whole(least, Math.floor(LONGEST_WAIT_MS / 60_000)), byDefault);

/** A list of waits between tries, seconds. */
export const waitsSeconds = (byDefault: number[]): Optional<v.GenericSchema<number[]>> =>
  v.optional(v.array(v.pipe(v.number(), v.finite(), v.minValue(0))), byDefault);

export const address = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0, 'not an address like 10.20.0.5'),
);

const WITH_PORT = /^(?:\[([0-9a-f:.]+)\]|([\d.]+)):(\d{1,5})$/i;
/** "10.20.0.5", "10.20.0.5:5353", "[2001:db8::5]:5353". */
export const addressAndPort = v.pipe(
  v.string(),
  v.check((text) => {
    const [, six, four, port] = WITH_PORT.exec(text) ?? [];
    if (port === undefined) return isIP(text) !== 0;
    return isIP(six ?? four ?? '') === (six === undefined ? 4 : 6) && Number(port) >= 1 && Number(port) <= 65_535;
  }, 'not an address like 10.20.0.5 or 10.20.0.5:53'),
);

/** Empty: left to others. */
export const hostName = v.optional(
  v.pipe(v.string(), v.regex(/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)?$/, 'not a host name')),
  '',
);
