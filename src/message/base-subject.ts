/** RFC 5256 §2.1 base subject, with the prefixes that Vietnamese mail programs write. */
import { fold } from '../base/text.ts';

/** Longer subjects are nobody's; the algorithm goes over the text several times. */
const MAX_SUBJECT = 2000;

/** subj-refwd, wider: Vietnamese (Trả lời, Chuyển tiếp, Phúc đáp, Tr:), German and
 * Chinese ones, "Re (2):" and "Re [list]:". "VB:" and "CT:" stay: to an official they mean văn bản and chỉ thị. */
const REPLY_OR_FORWARD =
  /^(?:re|fwd?|aw|wg|rv|tr|antw|trả lời|tra loi|chuyển tiếp|chuyen tiep|phúc đáp|回复|答复|转发|回覆|轉寄)(?:\s*\(\d{1,4}\))?\s*(?:\[[^[\]]*\]\s*)?\s*[:：]\s*/iu;
const BLOB = /^\[[^[\]]*\]\s*/u;

export interface BaseSubject {
  /** Folded for comparison: no diacritics, lower case; as written from `writtenBaseSubject`. */
  text: string;
  /** The subject says that it is a reply or a forward (RFC 5256 §2.1 last paragraph). */
  replyOrForward: boolean;
}

export function baseSubject(subject: string): BaseSubject {
  const { text, replyOrForward } = writtenBaseSubject(subject);
  return { text: fold(text), replyOrForward };
}

/** With its marks and capitals, for a collation of the reader's own. */
export function writtenBaseSubject(subject: string): BaseSubject {
  let text = subject.slice(0, MAX_SUBJECT).normalize('NFC').replace(/\s+/g, ' ').trim();
  let replyOrForward = false;
  for (let before = ''; before !== text;) {
    before = text;
    // Looked at only where it may be: the expression tries every place of a text.
    const trailer = text.endsWith(')') ? /^(.*?)(?:\s*\(fwd\))+$/iu.exec(text) : undefined;
    if (trailer) [text, replyOrForward] = [(trailer[1] ?? '').trim(), true];
    const leader = stripLeader(text);
    if (leader !== undefined) [text, replyOrForward] = [leader, true];
    // RFC 5256 §2.1 (4): a leading blob goes only when something stays.
    const rest = text.replace(BLOB, '');
    if (rest !== '') text = rest;
    const wrapped = /^\[fwd:(.*)\]$/iu.exec(text);
    if (wrapped) [text, replyOrForward] = [(wrapped[1] ?? '').trim(), true];
  }
  return { text, replyOrForward };
}

/** subj-leader = (*subj-blob subj-refwd): blobs before "Re:" go with it. */
function stripLeader(text: string): string | undefined {
  let rest = text;
  for (let blob = BLOB.exec(rest); blob; blob = BLOB.exec(rest)) rest = rest.slice(blob[0].length);
  const prefix = REPLY_OR_FORWARD.exec(rest);
  return prefix ? rest.slice(prefix[0].length) : undefined;
}
