/** Plain text for reading: paragraphs, links, and earlier messages folded away. */
export type Inline = { text: string } | { text: string; href: string };
export interface Block {
  quoted: boolean;
  lines: Inline[][];
}

/** RFC 5321 §4.5.3.1.1, RFC 1035 §2.3.4: the bounds of names. Without them a line of "a.a.a…" is gone over from each of its letters. */
const address = /\bhttps?:\/\/[^\s<>"'”’]+|\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/gi;

/** `text` without those of `marks` that stand at its end. */
function withoutAtEnd(text: string, marks: string): string {
  let end = text.length;
  while (end > 0 && marks.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export function linkify(line: string): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  for (const match of line.matchAll(address)) {
    // A full stop or bracket after an address belongs to the sentence.
    const text = withoutAtEnd(match[0], '.,;:!?)]}');
    if (match.index > from) out.push({ text: line.slice(from, match.index) });
    out.push({ text, href: /^https?:/i.test(text) ? text : `mailto:${text}` });
    from = match.index + text.length;
  }
  if (from < line.length) out.push({ text: line.slice(from) });
  return out;
}

/** "> " lines, and what follows a line that introduces an earlier message at the end, are quoted. */
export function plainBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of withoutAtEnd(text.replace(/\r\n?/g, '\n'), '\n').split('\n')) {
    const quoted = line.startsWith('>');
    const shown = linkify(quoted ? line.replace(/^>+ ?/, '') : line);
    const last = blocks[blocks.length - 1];
    if (last && last.quoted === quoted) last.lines.push(shown);
    else blocks.push({ quoted, lines: [shown] });
  }
  return blocks;
}
