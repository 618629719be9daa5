/** @throws where the browser does not let a page copy: without TLS it has no clipboard at all, whatever its type says. */
export async function copyText(text: string): Promise<void> {
  const { clipboard }: { clipboard?: Clipboard } = navigator;
  if (!clipboard) throw new Error('no clipboard');
  await clipboard.writeText(text);
}
