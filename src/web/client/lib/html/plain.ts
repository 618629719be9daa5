/** Plain text for reading: paragraphs, links, and earlier messages folded away. */
export type Inline = { text: string } | { text: string; href: string };
export interface Block {
  quoted: boolean;
  lines: Inline[][];
}

const address = /\bhttps?:\/\/[^\s<>"'”’]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;

export function linkify(line: string): Inline[] {
  const out: Inline[] = [];
  let from = 0;
  for (const match of line.matchAll(address)) {
    // A full stop or bracket after an address belongs to the sentence.
    const text = match[0].replace(/[.,;:!?)\]}]+$/, '');
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
  for (const line of text.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n')) {
    const quoted = line.startsWith('>');
    const shown = linkify(quoted ? line.replace(/^>+ ?/, '') : line);
    const last = blocks[blocks.length - 1];
    if (last && last.quoted === quoted) last.lines.push(shown);
    else blocks.push({ quoted, lines: [shown] });
  }
  return blocks;
}
