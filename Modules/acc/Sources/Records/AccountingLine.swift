import Bytes
import ModuleKit
import SIPMessage

extension Accounting {
    /// `ACC: <title>: timestamp=…;method=…;from_tag=…;to_tag=…;call_id=…;code=…;reason=…`, then `log_extra`, then the legs
    /// one after the other. In a buffer that the next line about this message takes too.
    func line(_ record: AccountingRecord, for route: RouteContext) -> ByteBuffer {
        let out = route.reusedState(LineBuffer.self).bytes
        out.removeAll()
        let message = route.message
        let fromTag = message.from.tag
        out.append("ACC: ")
        out.append(record.title)
        out.append(": ")
        self.clock.write(to: out, microseconds: record.time)
        out.append(";method=")
        out.append(message.span, message.methodRange)
        out.append(";from_tag=")
        if record.isUpstream { out.append(record.toTag) } else { out.append(message.span, fromTag) }
        out.append(";to_tag=")
        if record.isUpstream { out.append(message.span, fromTag) } else { out.append(record.toTag) }
        out.append(";call_id=")
        out.append(message.span, message.callID)
        out.append(";code=")
        if let code = record.code { out.append(decimal: code) }
        out.append(";reason=")
        out.append(record.reason)
        for index in 0..<self.extras.count { self.extras[index].write(to: out, in: route) }
        for leg in self.legs(of: route) {
            for (part, value) in zip(self.legParts, leg) { AccountingExtra.write(part.name, value, to: out, in: route) }
        }
        return out
    }

    func write(_ line: ByteBuffer, prefix: ByteString) {
        self.logger.write(self.settings.level, facility: self.settings.logFacility, prefix: prefix.span, line.span)
    }
}

/// Where a line is written, as long as it has not gone to the log.
private final class LineBuffer: ReusableState {
    private static let usualSize = 512
    let bytes = ByteBuffer(capacity: usualSize)

    func clear() {
        self.bytes.removeAll()
        // One unusual line is not to cost memory for good.
        if self.bytes.capacity > 4096 { self.bytes.shrink(to: Self.usualSize) }
    }
}
