/** The stock of words that the mailbox is written with. Orders matter: a seed picks by place. */

export const FAMILY = 'Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Lò Giàng Ksor'.split(
  ' ',
);
export const MIDDLE = 'Văn Thị Hữu Đức Ngọc Minh Thanh Quốc Xuân Thu Hồng Kim Bá Gia Tuấn Phương'.split(' ');
export const GIVEN =
  'An Bình Châu Dũng Đạt Giang Hà Hải Hạnh Hiếu Hoa Hùng Huyền Khánh Lan Linh Long Mai Nam Nga Nhung Oanh Phúc Quang Quỳnh Sơn Tâm Thảo Thắng Thủy Trang Trường Tú Uyên Việt Yến'.split(
    ' ',
  );
export const DOMAINS = [
  'hoabinh.gov.vn',
  'tranphu.gov.vn',
  'stnmt.tinh.gov.vn',
  'snv.tinh.gov.vn',
  'vnpt.vn',
  'gmail.com',
];
export const OFFICES = [
  'UBND xã Hòa Bình',
  'UBND phường Trần Phú',
  'Sở Tài nguyên và Môi trường',
  'Sở Nội vụ',
  'Sở Thông tin và Truyền thông',
  'Sở Tài chính',
  'Sở Kế hoạch và Đầu tư',
  'Văn phòng UBND tỉnh',
  'Phòng Tư pháp',
  'Phòng Lao động - Thương binh và Xã hội',
  'Phòng Văn hóa và Thông tin',
  'Trung tâm Phục vụ hành chính công',
  'Chi cục Thuế khu vực',
  'Công an xã',
  'Kho bạc Nhà nước',
  'Trạm Y tế xã',
  'Thanh tra tỉnh',
  'Ban Quản lý dự án đầu tư xây dựng',
];
export const TASKS = [
  'báo cáo tình hình thực hiện nhiệm vụ',
  'rà soát hồ sơ thủ tục hành chính',
  'triển khai kế hoạch chuyển đổi số',
  'tổ chức hội nghị trực tuyến',
  'góp ý dự thảo quyết định',
  'cung cấp số liệu thống kê',
  'phòng chống thiên tai và tìm kiếm cứu nạn',
  'kiểm tra công tác văn thư, lưu trữ',
  'tiếp công dân và giải quyết khiếu nại, tố cáo',
  'bổ sung hồ sơ cấp giấy chứng nhận quyền sử dụng đất',
  'thanh toán kinh phí hỗ trợ hộ nghèo',
  'cử cán bộ tham gia lớp tập huấn',
  'tăng cường bảo đảm an toàn thông tin',
  'tuyên truyền bầu cử đại biểu Hội đồng nhân dân',
  'quyết toán ngân sách năm',
  'điều chỉnh quy hoạch sử dụng đất',
  'thực hiện chế độ báo cáo định kỳ',
  'xét khen thưởng thi đua',
  'nghiệm thu công trình đường giao thông nông thôn',
  'công khai dự toán thu, chi ngân sách',
];
/** {s} a number of a document, {d} an office, {v} a task, {n} a day, {t} a count. */
export const OPENINGS = [
  'Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015',
  'Thực hiện Công văn số {s} của {d}',
  'Theo đề nghị của {d} tại Tờ trình số {s}',
  'Tiếp theo Kế hoạch số {s} của {d}',
  'Để bảo đảm tiến độ {v}',
  'Trên cơ sở kết quả {v} trong quý vừa qua',
  'Xét nội dung đề nghị của {d} về việc {v}',
];
export const REQUESTS = [
  'đề nghị các đơn vị khẩn trương {v} và gửi kết quả về {d} trước ngày {n}',
  '{d} có ý kiến như sau: giao {d} chủ trì, phối hợp với {d} {v}',
  'yêu cầu thủ trưởng cơ quan, đơn vị chịu trách nhiệm trước Chủ tịch về việc {v}',
  'trong quá trình thực hiện nếu có khó khăn, vướng mắc, kịp thời phản ánh về {d} để được hướng dẫn',
  'kính đề nghị quý cơ quan quan tâm, tạo điều kiện {v} theo đúng quy định',
  'các đồng chí bố trí thời gian tham dự đầy đủ, đúng thành phần vào ngày {n}',
  'đơn vị đã hoàn thành {v}, tỷ lệ đạt {t} phần trăm so với kế hoạch đề ra',
  'số hồ sơ tiếp nhận trong kỳ là {t}, trong đó đã giải quyết đúng hạn {t} hồ sơ',
];
export const CLOSINGS = [
  'Trân trọng.',
  'Kính báo cáo.',
  'Rất mong nhận được sự phối hợp của quý cơ quan.',
  'Đề nghị các đơn vị nghiêm túc thực hiện.',
];
export const REGISTERS = ['UBND-VX', 'STNMT-QLĐĐ', 'SNV-CCHC', 'VP-TH', 'KH-UBND'];

/** What searches look for: a phrase in one message of a hundred, its words apart in two, rare words in one of 4,000. */
export const PHRASE = 'giải phóng mặt bằng';
export const RARE = 'thửa đất số 417';
export const DECOY = 'Mặt bằng giá đất năm nay ổn định; đã giải phóng hàng hóa tồn kho tại cửa khẩu.';
