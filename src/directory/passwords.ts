/** Hashing of passwords: argon2id, its cost in the hash itself, so that old hashes stay good when the cost rises. */
import { randomBytes, randomInt } from 'node:crypto';

import { hash, hashSync, verify } from '@node-rs/argon2';

export interface FirstPassword {
  password: string;
  hash: string;
}
export interface HashCost {
  argon2MemoryKiB: number;
  argon2Passes: number;
}
const usual: HashCost = { argon2MemoryKiB: 19_456, argon2Passes: 2 };

/** Longer ones are refused before hashing: nobody types them. */
export const MAX_PASSWORD = 256;

const options = (cost: HashCost) => ({ memoryCost: cost.argon2MemoryKiB, timeCost: cost.argon2Passes, parallelism: 1 });
// RFC 8265 §4.2.2: NFC, or the same password typed on a Mac would differ.
const prepare = (password: string) => password.normalize('NFC');

export function hashPassword(password: string, cost: HashCost = usual): Promise<string> {
  return hash(prepare(password), options(cost));
}

export async function verifyPassword(passwordHash: string, password: string): Promise<boolean> {
  if (password.length > MAX_PASSWORD) return false;
  return verify(passwordHash, prepare(password));
}

export function hashIsAtLeast(passwordHash: string, cost: HashCost): boolean {
  const [, memory, passes] = /\$m=(\d+),t=(\d+)/.exec(passwordHash) ?? [];
  return Number(memory) >= cost.argon2MemoryKiB && Number(passes) >= cost.argon2Passes;
}

/** Without letters and digits that look alike; each carries 4.95 bits. */
const readable = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Groups of characters that can be read out over the telephone. */
export function readableSecret(groups: number, size: number): string {
  const group = () => Array.from({ length: size }, () => readable.charAt(randomInt(readable.length))).join('');
  return Array.from({ length: groups }, group).join('-');
}

export const makeFirstPassword = (): string => readableSecret(4, 4);

/** For a unit of work to come: hashed outside of it. */
export async function firstPassword(password: string = makeFirstPassword(), cost?: HashCost): Promise<FirstPassword> {
  return { password, hash: await hashPassword(password, cost) };
}

/** Blocks while it hashes. */
export function firstPasswordNow(password: string = makeFirstPassword(), cost: HashCost = usual): FirstPassword {
  return { password, hash: hashSync(prepare(password), options(cost)) };
}

/** A hash that no password fits, of the usual cost: an unknown address takes as long as a wrong password. */
export function hashOfNothing(cost: HashCost): string {
  return hashSync(randomBytes(32), options(cost));
}
