/** What is wrong with a row, for those who typed it. */
export type Language = 'vi' | 'en';

export interface RowError {
  line: number;
  field: string;
  code: string;
  message: string;
}

const texts = {
  'row.missing': { vi: 'thiếu dữ liệu', en: 'is missing' },
  'row.too_long': { vi: 'quá dài', en: 'is too long' },
  'row.not_a_day': {
    vi: 'không phải ngày (viết 2026-11-22 hoặc 22/11/2026)',
    en: 'is no date (write 2026-11-22 or 22/11/2026)',
  },
  'row.unknown_value': { vi: 'giá trị không có trong danh mục', en: 'is not one of the known values' },
  'row.duplicate': { vi: 'trùng với một dòng khác trong tệp', en: 'is the same as in another line of the file' },
  'name.no_letters': {
    vi: 'không tạo được địa chỉ từ tên này, hãy ghi địa chỉ',
    en: 'gives no address: write one by hand',
  },
  'unit.code_invalid': {
    vi: 'mã định danh không đúng dạng (ví dụ H99.06.01)',
    en: 'is no identification code (such as H99.06.01)',
  },
  'unit.not_found': { vi: 'không có đơn vị mang mã này', en: 'is the code of no unit' },
  'unit.closed': { vi: 'đơn vị đã kết thúc hoạt động', en: 'is a unit that was closed' },
  'unit.outside': { vi: 'đơn vị ngoài phạm vi quản trị của bạn', en: 'is a unit outside of what you administer' },
  'unit.loop': { vi: 'đơn vị cấp trên lại thuộc chính đơn vị này', en: 'lies below the unit itself' },
  'address.invalid': { vi: 'địa chỉ không cấp được ở đây', en: 'is no address that can be given here' },
  'address.taken': { vi: 'địa chỉ đã cấp cho người hoặc đơn vị khác', en: 'was given to somebody else' },
  'address.fixed': {
    vi: 'đã có địa chỉ khác, không đổi được khi nhập',
    en: 'cannot be changed by an import: there is another address already',
  },
  'official.disabled': { vi: 'tài khoản này đang bị khóa', en: 'is an account that is disabled' },
  'official.outside': {
    vi: 'người này thuộc đơn vị ngoài phạm vi quản trị của bạn',
    en: 'is somebody outside of what you administer',
  },
} as const;
export type RowErrorCode = keyof typeof texts;

/** How each field is called on the screen and in the header. */
const fields: Record<string, string> = {
  fullName: 'Họ và tên',
  title: 'Chức vụ',
  unitCode: 'Mã đơn vị',
  address: 'Địa chỉ',
  titleMailbox: 'Hộp thư chức danh',
  role: 'Vai trò',
  externalId: 'Mã cán bộ',
  validFrom: 'Từ ngày',
  validTo: 'Đến ngày',
  code: 'Mã đơn vị',
  legacyCode: 'Mã cũ',
  name: 'Tên đơn vị',
  parentCode: 'Mã đơn vị cấp trên',
  adminTier: 'Cấp',
  email: 'Địa chỉ',
};

export function rowError(line: number, field: string, code: RowErrorCode, language: Language): RowError {
  const name = language === 'vi' ? (fields[field] ?? field) : field;
  return { line, field, code, message: `${name}: ${texts[code][language]}` };
}
