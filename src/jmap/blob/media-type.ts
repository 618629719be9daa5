/** "type/subtype", lower case, when that is what it is; parameters only a charset. */
export function mediaType(text: string): string | undefined {
  const match =
    /^\s*([a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126})\s*(?:;\s*charset=["']?([a-z0-9_.:-]{1,40})["']?\s*)?(?:;|$)/i.exec(
      text,
    );
  const type = match?.[1]?.toLowerCase();
  if (type === undefined) return undefined;
  return match?.[2] && type.startsWith('text/') ? `${type}; charset=${match[2].toLowerCase()}` : type;
}

/** Without parameters. */
export const bareType = (type: string): string => type.split(';')[0]?.trim() ?? type;

/** As mediaType wrote it. */
export const charsetOf = (type: string): string | undefined => /; charset=(.+)$/.exec(type)?.[1];
