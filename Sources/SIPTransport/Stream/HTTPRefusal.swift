import Bytes

/// Why a request of HTTP is refused before anybody sees it.
///
/// Nobody knows where the next request begins then, so the connection is closed.
public enum HTTPRefusal: UInt8, Error, Equatable, Sendable, CaseIterable {
    /// The first line is not method, target and version with one space between.
    case badRequestLine
    /// A line ends without CR LF.
    case badLineEnd
    /// A field that goes on in the next line (RFC 9112 §5.2).
    case foldedField
    /// A field without a name, or with white space before its colon (RFC 9112 §5.1).
    case badFieldName
    /// A control byte in a field.
    case badFieldValue
    /// `Content-Length` that is no number.
    case badLength
    case repeatedLength
    /// `Content-Length` and `Transfer-Encoding`: which of them counts is a matter of taste (RFC 9112 §6.1).
    case lengthBesideCoding
    /// `Transfer-Encoding` in HTTP/1.0, which has none.
    case codingInOldVersion
    /// HTTP/1.1 without `Host`, or with several (RFC 9112 §3.2).
    case badHost
    /// `Transfer-Encoding`: only bodies of a known length are taken.
    case transferCoding
    case bodyTooLong
    case headerTooLong
    case unknownVersion

    /// The status of the answer.
    public var status: Int {
        switch self {
        case .badRequestLine, .badLineEnd, .foldedField, .badFieldName, .badFieldValue, .badLength, .repeatedLength,
            .lengthBesideCoding, .codingInOldVersion, .badHost:
            400
        case .transferCoding: 411
        case .bodyTooLong: 413
        case .headerTooLong: 431
        case .unknownVersion: 505
        }
    }

    private var phrase: String {
        switch self.status {
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 431: "Request Header Fields Too Large"
        case 505: "HTTP Version Not Supported"
        default: "Bad Request"
        }
    }

    /// What is wrong, for whoever sent it.
    public var explanation: String {
        switch self {
        case .badRequestLine: "the first line is not METHOD TARGET HTTP/1.1"
        case .badLineEnd: "a line does not end in CR LF"
        case .foldedField: "a field goes on in the next line"
        case .badFieldName: "a field has no name right before its colon"
        case .badFieldValue: "a field has a control character"
        case .badLength: "Content-Length is no number"
        case .repeatedLength: "there are two Content-Length"
        case .lengthBesideCoding: "there are both Content-Length and Transfer-Encoding"
        case .codingInOldVersion: "HTTP/1.0 has no Transfer-Encoding"
        case .badHost: "HTTP/1.1 needs one Host"
        case .transferCoding: "no Transfer-Encoding is taken; send Content-Length"
        case .bodyTooLong: "the request is longer than tcp_rd_buf_size"
        case .headerTooLong: "the header is too long"
        case .unknownVersion: "only HTTP/1.0 and HTTP/1.1 are spoken"
        }
    }

    /// The whole answer.
    var answer: String {
        let body = self.explanation + "\n"
        return "HTTP/1.1 \(self.status) \(self.phrase)\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n" + body
    }
}
