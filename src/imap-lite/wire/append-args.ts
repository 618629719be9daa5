/** Arguments of APPEND (RFC 9051 §9; RFC 3502 for several messages; RFC 6855 §4 for UTF8). */
import { type Cursor, char, expectChar, expectSpace, list, word } from './cursor.ts';
import { dateTime, expectAstring, expectFlag, literal, type Literal } from './strings.ts';

export interface AppendMessage {
  flags: string[];
  receivedAt: number | undefined;
  message: Literal;
}
export interface AppendArgs {
  name: string;
  messages: AppendMessage[];
}

/** append = "APPEND" SP mailbox 1*append-message */
export function expectAppendArgs(c: Cursor): AppendArgs {
  const name = expectAstring(c);
  const messages: AppendMessage[] = [];
  expectSpace(c);
  do messages.push(expectAppendMessage(c));
  while (char(c, ' '));
  return { name, messages };
}

/** append-message = append-opts SP append-data; append-opts = [SP flag-list] [SP date-time] */
function expectAppendMessage(c: Cursor): AppendMessage {
  const flags = list(c, expectFlag, true);
  if (flags) expectSpace(c);
  const receivedAt = dateTime(c);
  if (receivedAt !== undefined) expectSpace(c);
  return { flags: flags ?? [], receivedAt, message: expectAppendData(c) };
}

/** append-data = literal / literal8 / "UTF8" SP "(" literal8 ")" */
function expectAppendData(c: Cursor): Literal {
  if (!word(c, 'UTF8')) return literal(c) ?? c.fail('a literal');
  expectSpace(c);
  expectChar(c, '(');
  const message = literal(c) ?? c.fail('a literal');
  expectChar(c, ')');
  return message;
}
