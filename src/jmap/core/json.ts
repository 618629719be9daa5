/**
 * I-JSON (RFC 7493), as RFC 8620 §1.5 demands: UTF-8 without error, no member named twice, no lone surrogates.
 * JSON.parse does the grammar; a walk over the text, known to be valid by then, finds what JSON.parse lets pass.
 */
import { RequestProblem } from './errors.ts';

const MAX_DEPTH = 128;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** @throws RequestProblem notJSON */
export function parseIJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw notJson('the request is not UTF-8', cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notJson('the request is not JSON', cause);
  }
  checkTokens(text);
  return value;
}

function notJson(detail: string, cause?: unknown): RequestProblem {
  const problem = new RequestProblem('notJSON', detail);
  problem.cause = cause;
  return problem;
}

/** `text` is valid JSON: only strings, brackets and commas need a look. */
function checkTokens(text: string): void {
  /** A set of names for each open object, undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  let nameNext = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = endOfString(text, i);
        const token = text.slice(i, end + 1);
        if (nameNext) {
          addName(open.at(-1), token);
          nameNext = false;
        } else if (token.includes('\\u')) stringOf(token);
        i = end;
        break;
      }
      case 0x7b:
        open.push(new Set());
        nameNext = true;
        break;
      case 0x5b:
        open.push(undefined);
        nameNext = false;
        break;
      case 0x7d:
      case 0x5d:
        open.pop();
        nameNext = false;
        break;
      case 0x2c:
        nameNext = open.at(-1) !== undefined;
        break;
      default:
    }
    if (open.length > MAX_DEPTH) throw notJson('the request is nested too deeply');
  }
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (backslashesBefore(text, end) % 2 === 1) end = text.indexOf('"', end + 1);
  return end;
}

function backslashesBefore(text: string, at: number): number {
  let count = 0;
  while (text.charCodeAt(at - 1 - count) === 0x5c) count++;
  return count;
}

function stringOf(token: string): string {
  const value = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
  if (LONE_SURROGATE.test(value)) throw notJson('a string has a lone surrogate');
  return value;
}

function addName(names: Set<string> | undefined, token: string): void {
  const name = stringOf(token);
  if (names?.has(name)) throw notJson(`a member is named twice: ${JSON.stringify(name.slice(0, 100))}`);
  names?.add(name);
}
