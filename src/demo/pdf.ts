/** Real PDF files for the sample documents, laid out as NĐ 30/2020/NĐ-CP PL I wants an official document. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type PDFDocument from 'pdfkit';

import type { SampleDocument } from './sample.ts';

const fonts = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/be-vietnam-pro/package.json'));
const FONT = {
  regular: join(fonts, '400Regular/BeVietnamPro_400Regular.ttf'),
  italic: join(fonts, '400Regular_Italic/BeVietnamPro_400Regular_Italic.ttf'),
  bold: join(fonts, '600SemiBold/BeVietnamPro_600SemiBold.ttf'),
};
/** A4; NĐ 30: margins top and bottom 20–25 mm, left 30–35, right 15–20. */
const MARGINS = { top: 62, bottom: 62, left: 88, right: 52 };

type Pdf = InstanceType<typeof PDFDocument>;

/** The same bytes at every call: the hash of a document does not depend on the hour of the start. */
export async function documentPdf(document: SampleDocument, names: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const created = new Date(`${document.issuedDate}T03:00:00Z`);
  // Only the demo makes files: a server would hold its 13 MB for nothing.
  const { default: PDF } = await import('pdfkit');
  const pdf = new PDF({
    size: 'A4',
    margins: MARGINS,
    bufferPages: true,
    info: {
      Title: `${document.soKyHieu} ${document.subject}`,
      Author: document.issuerName,
      CreationDate: created,
      ModDate: created,
    },
  });
  // pdfkit names the file by its info and the time; fixed info and dates make it the same.
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  for (const [name, file] of Object.entries(FONT)) pdf.registerFont(name, file);
  head(pdf, document);
  body(pdf, document);
  foot(pdf, document, names);
  numberPages(pdf);
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
}

function head(pdf: Pdf, d: SampleDocument): void {
  const left = { x: MARGINS.left - 30, width: 200 };
  const right = { x: MARGINS.left + 180, width: 290 };
  pdf
    .font('regular')
    .fontSize(11)
    .text(d.issuerName.toUpperCase(), left.x, MARGINS.top, { width: left.width, align: 'center' });
  const under = pdf.y;
  pdf
    .moveTo(left.x + 70, under + 2)
    .lineTo(left.x + 130, under + 2)
    .lineWidth(0.7)
    .stroke();
  pdf
    .font('bold')
    .fontSize(11)
    .text('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', right.x, MARGINS.top, { width: right.width, align: 'center' });
  pdf.fontSize(11.5).text('Độc lập - Tự do - Hạnh phúc', { width: right.width, align: 'center' });
  pdf
    .moveTo(right.x + 70, pdf.y + 2)
    .lineTo(right.x + 220, pdf.y + 2)
    .stroke();
  const y = Math.max(under, pdf.y) + 12;
  pdf.font('regular').fontSize(11.5).text(`Số: ${d.soKyHieu}`, left.x, y, { width: left.width, align: 'center' });
  pdf.font('italic').text(`${d.place}, ${longDate(d.issuedDate)}`, right.x, y, { width: right.width, align: 'center' });
  if (d.urgency !== 'thuong') {
    pdf
      .font('bold')
      .fontSize(12)
      .fillColor('#b3231c')
      .text({ khan: 'KHẨN', thuong_khan: 'THƯỢNG KHẨN', hoa_toc: 'HỎA TỐC' }[d.urgency], left.x, y + 40, {
        width: left.width,
        align: 'center',
      });
    pdf.fillColor('black');
  }
  pdf.y = y + 64;
  pdf.x = MARGINS.left;
  const named = d.typeAbbr !== null;
  if (named) pdf.font('bold').fontSize(14).text(d.typeName.toUpperCase(), { align: 'center' });
  pdf
    .font(named ? 'bold' : 'regular')
    .fontSize(12.5)
    .text(d.subject, { align: 'center' })
    .moveDown(1.2);
}

/** "ngày 05 tháng 3 năm 2026": the day padded below 10, the month for 1 and 2. */
function longDate(iso: string): string {
  const [year = '', month = '', day = ''] = iso.split('-');
  return `ngày ${day} tháng ${Number(month) <= 2 ? month : Number(month)} năm ${year}`;
}

const SENTENCES = [
  'Căn cứ Luật Tổ chức chính quyền địa phương và các quy định hiện hành, cơ quan ban hành văn bản yêu cầu các đơn vị triển khai nghiêm túc các nội dung dưới đây.',
  'Thủ trưởng các cơ quan, đơn vị chịu trách nhiệm tổ chức thực hiện, phân công rõ người, rõ việc, rõ thời hạn và kết quả; kịp thời báo cáo khó khăn, vướng mắc phát sinh.',
  'Công tác phối hợp giữa các cơ quan phải được thực hiện thường xuyên trên môi trường điện tử; văn bản gửi, nhận qua hệ thống thư điện tử công vụ của tỉnh được ký số và có giá trị theo quy định.',
  'Các đơn vị rà soát số liệu đến thời điểm báo cáo, bảo đảm đầy đủ, chính xác, thống nhất giữa các biểu mẫu; không gửi lại bản giấy khi đã gửi bản điện tử.',
  'Cơ quan thường trực theo dõi, đôn đốc, kiểm tra việc thực hiện và tổng hợp kết quả trước ngày 20 hằng tháng.',
  'Kinh phí thực hiện được bố trí trong dự toán ngân sách nhà nước giao hằng năm và các nguồn hợp pháp khác theo phân cấp.',
  'Trong quá trình thực hiện, nếu có nội dung chưa phù hợp, đề nghị phản ánh bằng văn bản để tổng hợp, xem xét, sửa đổi, bổ sung cho phù hợp với thực tiễn.',
];

function body(pdf: Pdf, d: SampleDocument): void {
  pdf.font('regular').fontSize(12.5);
  const options = { align: 'justify', indent: 28, lineGap: 3 } as const;
  // As many pages as the register says, less the room that the signature takes.
  for (let i = 0; ; i++) {
    const pages = pdf.bufferedPageRange().count;
    const room = pdf.page.height - MARGINS.bottom - pdf.y;
    if (i > 1 && pages >= (d.pageAmount ?? 1) && room < 330) break;
    if (i > 400) break;
    if (i % 6 === 2)
      pdf
        .font('bold')
        .text(`Điều ${Math.floor(i / 6) + 1}. Tổ chức thực hiện`, options)
        .font('regular');
    const first = SENTENCES[(i * 3) % SENTENCES.length] ?? '';
    pdf
      .text(i % 2 === 0 ? first : `${first} ${SENTENCES[(i * 5 + 2) % SENTENCES.length] ?? ''}`, options)
      .moveDown(0.4);
  }
}

function foot(pdf: Pdf, d: SampleDocument, names: ReadonlyMap<string, string>): void {
  if (pdf.page.height - MARGINS.bottom - pdf.y < 190) pdf.addPage();
  const y = pdf.y + 14;
  pdf
    .font('bold')
    .fontSize(11)
    .text('Nơi nhận:', MARGINS.left - 20, y, { width: 210 });
  pdf.font('regular').fontSize(10);
  for (const code of d.recipientCodes.slice(0, 10)) pdf.text(`- ${names.get(code) ?? code};`, { width: 210 });
  pdf.text('- Lưu: VT.', { width: 210 });
  const x = MARGINS.left + 210;
  pdf.font('bold').fontSize(12);
  if (d.signer.authority) pdf.text(d.signer.authority, x, y, { width: 240, align: 'center' });
  pdf.text(d.signer.position, x, d.signer.authority ? pdf.y : y, { width: 240, align: 'center' });
  pdf.text(d.signer.fullName, x, y + 120, { width: 240, align: 'center' });
}

function numberPages(pdf: Pdf): void {
  const { count } = pdf.bufferedPageRange();
  // Page numbers from the second page on, centred in the top margin.
  for (let i = 1; i < count; i++) {
    pdf.switchToPage(i);
    pdf.page.margins.top = 0;
    pdf
      .font('regular')
      .fontSize(11)
      .text(String(i + 1), 0, 32, { width: pdf.page.width, align: 'center', lineBreak: false });
    pdf.page.margins.top = MARGINS.top;
  }
}
