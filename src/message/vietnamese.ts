/**
 * VNI for Windows (VNI-Times and its family): one octet for the letter, a second one for its marks. No library has it,
 * yet mail written in the nineties does. The pairs are written as windows-1252 shows them.
 */
const VOWEL_MARKS: Record<string, string> = {
  ù: '\u0301', // sắc
  ø: '\u0300', // huyền
  û: '\u0309', // hỏi
  õ: '\u0303', // ngã
  ï: '\u0323', // nặng
  â: '\u0302', // mũ
  á: '\u0302\u0301',
  à: '\u0302\u0300',
  å: '\u0302\u0309',
  ã: '\u0302\u0303',
  ä: '\u0302\u0323',
  ê: '\u0306', // trăng
  é: '\u0306\u0301',
  è: '\u0306\u0300',
  ú: '\u0306\u0309',
  ü: '\u0306\u0303',
  ë: '\u0306\u0323',
};
/** ê, é … mark only a: ă has no sister among e, o, u, y. */
const BREVE = 'êéèúüë';
const CIRCUMFLEX = 'âáàåãä';
const LETTERS: Record<string, string> = {
  ñ: 'đ',
  ô: 'ơ',
  ö: 'ư',
  í: 'í',
  ì: 'ì',
  æ: 'ỉ',
  ó: 'ĩ',
  ò: 'ị',
  î: 'ỵ',
};

function takesMark(letter: string, mark: string): boolean {
  if (BREVE.includes(mark)) return letter === 'a';
  if (CIRCUMFLEX.includes(mark)) return 'aeo'.includes(letter);
  return 'aeouyôö'.includes(letter);
}

/** `western` is the VNI octets read as windows-1252. */
export function fromVni(western: string): string {
  let out = '';
  for (let at = 0; at < western.length; at++) {
    const char = western.charAt(at);
    const letter = char.toLowerCase();
    const base = LETTERS[letter] ?? letter;
    const mark = western.charAt(at + 1).toLowerCase();
    const marks = VOWEL_MARKS[mark];
    const cased = char === letter ? base : base.toUpperCase();
    if (marks !== undefined && takesMark(letter, mark)) {
      out += cased + marks;
      at++;
    } else out += cased;
  }
  return out.normalize('NFC');
}
