/** Some weeks of mail in the demo province: sample/letters.json by hand, and what goes to everyone week after week. */
import { readFileSync } from 'node:fs';

import { samplePath } from './sample.ts';

export interface Letter {
  /** Name for replies to refer to. */
  key?: string;
  /** Local part of one of ours, or a whole address of somebody outside. */
  from: string;
  /** Shown name of somebody outside. */
  fromName?: string;
  /** Local part of who presses send for a unit mailbox. */
  by?: string;
  to: string[];
  cc?: string[];
  /** Days before today, hour and minute in Vietnam. */
  days: number;
  time: string;
  subject: string;
  text: string[];
  html?: boolean;
  /** Identifiers of sample documents, e.g. "D06". */
  documents?: string[];
  /** A copy of that document with a byte changed: what a forwarder's converter does. */
  alteredCopy?: string;
  files?: ('xlsx-csv' | 'minutes')[];
  replyTo?: string;
  unsigned?: boolean;
  /** Who has read it; others find it unread. */
  read?: boolean;
  starred?: boolean;
}

/** Dates count back from the first start. */
export function letters(): Letter[] {
  return JSON.parse(readFileSync(samplePath('letters.json'), 'utf8')) as Letter[];
}

const KINH = 'Kính gửi các đồng chí,';
const TRAN = 'Trân trọng./.';

/** Sent to everyone, week after week. */
export function weekly(week: number): Letter[] {
  return [
    {
      from: 'vpubnd',
      by: 'thuybtt',
      to: ['*'],
      days: week * 7 + 3,
      time: '16:00',
      subject: `Lịch công tác tuần ${47 - week + 1} của lãnh đạo UBND tỉnh`,
      html: true,
      read: week > 0,
      text: [
        KINH,
        'Văn phòng UBND tỉnh gửi lịch công tác tuần của lãnh đạo UBND tỉnh. Lịch có thể thay đổi, đề nghị theo dõi trên hệ thống.',
        'Thứ Hai: 8h00 giao ban. Thứ Ba: kiểm tra tiến độ dự án đường tỉnh 174. Thứ Tư: tiếp công dân. Thứ Năm: họp Ban Chỉ đạo chuyển đổi số. Thứ Sáu: làm việc với Sở Tài chính.',
        TRAN,
      ],
    },
    {
      from: 'ttcds.skhcn',
      by: 'vytnh',
      to: ['*'],
      days: week * 7 + 5,
      time: '10:00',
      subject: `Bản tin an toàn thông tin số ${47 - week}`,
      html: true,
      read: week > 0,
      text: [
        KINH,
        'Tuần qua hệ thống chặn 1.284 thư rác và 37 thư giả mạo. Nhắc các đồng chí đặt mật khẩu khác với mật khẩu các dịch vụ bên ngoài.',
        'Tỷ lệ thư được ký số của toàn tỉnh đạt 81,5%.',
        'Trung tâm Chuyển đổi số',
      ],
    },
  ];
}
