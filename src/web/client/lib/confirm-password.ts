/**
 * What an official's name rests on changes only with the password, given a short while ago: when the server asks for it,
 * one dialog asks here (app/confirm-password.tsx) and the request goes again.
 */
import { describe } from './errors.ts';
import { ApiError } from './http.ts';
import { createStore } from './store.ts';

export interface PasswordQuestion {
  /** Why the one before was not taken. */
  error: string | undefined;
  /** Undefined: the official would rather not. */
  answer: (password: string | undefined) => void;
}
export const passwordQuestion = createStore<PasswordQuestion | undefined>(undefined);

const says = (reason: unknown, code: string): boolean => reason instanceof ApiError && reason.code === code;

/** @throws what the call throws; password.confirm when the official gives none */
export async function withPassword<T>(call: (password?: string) => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (reason) {
    if (!says(reason, 'password.confirm')) throw reason;
    return askUntilRight(call, reason);
  }
}

async function askUntilRight<T>(call: (password: string) => Promise<T>, asked: unknown): Promise<T> {
  try {
    for (let error: string | undefined; ;) {
      const password = await ask(error);
      if (password === undefined) throw asked;
      try {
        return await call(password);
      } catch (reason) {
        if (!says(reason, 'password.wrong')) throw reason;
        error = describe(reason);
      }
    }
  } finally {
    passwordQuestion.set(undefined);
  }
}

function ask(error: string | undefined): Promise<string | undefined> {
  passwordQuestion.get()?.answer(undefined);
  return new Promise((answer) => passwordQuestion.set({ error, answer }));
}
