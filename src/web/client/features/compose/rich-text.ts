/** Between plain and rich text. */
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => escapes[character] ?? character);

export function textToHtml(text: string): string {
  const blocks: { quoted: boolean; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const quoted = line.startsWith('>');
    const last = blocks[blocks.length - 1];
    const bare = escape(quoted ? line.replace(/^> ?/, '') : line);
    if (last && last.quoted === quoted) last.lines.push(bare);
    else blocks.push({ quoted, lines: [bare] });
  }
  return blocks
    .map(({ quoted, lines }) => {
      const paragraphs = lines.map((line) => `<p>${line}</p>`).join('');
      return quoted ? `<blockquote>${paragraphs}</blockquote>` : paragraphs;
    })
    .join('');
}
