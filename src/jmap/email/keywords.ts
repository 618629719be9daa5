/** RFC 8621 §4.1.1: 1 to 255 of %x21-%x7e without ( ) { ] % * " \; upper case means lower case. */
export function isKeyword(value: unknown): value is string {
  return typeof value === 'string' && /^[!#$&'+-[^-z|}~]{1,255}$/i.test(value);
}
