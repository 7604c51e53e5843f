import Bytes
import ModuleKit
import SIPMessage

/// Where the iterators of a message stand, by name.
final class HeaderIterators {
    /// Index of the current field; -1 before the first.
    var positions: [ByteString: Int] = [:]
}

final class LineIterators {
    /// The current line, line end included; absent before the first.
    var lines: [ByteString: ByteRange] = [:]
}

extension RouteContext {
    var headerIterators: HeaderIterators {
        if let known = self.state(HeaderIterators.self) { return known }
        let iterators = HeaderIterators()
        self.setState(iterators)
        return iterators
    }

    var lineIterators: LineIterators {
        if let known = self.state(LineIterators.self) { return known }
        let iterators = LineIterators()
        self.setState(iterators)
        return iterators
    }

    /// Index of the field that an iterator stands on; nil when it stands on none.
    func currentHeader(_ name: ByteString) -> Int? {
        guard let index = self.headerIterators.positions[name], index >= 0, index < self.message.headerCount else {
            return nil
        }
        return index
    }

    /// The line of the body after `line`, line end included; absent at the end.
    func line(after line: ByteRange) -> ByteRange {
        let message = self.message
        let start = line.isPresent ? line.upper : message.bodyStart
        guard start < message.length else { return .absent }
        let feed = message.span.firstIndex(of: 10, from: start, to: message.length)
        return ByteRange(start, min(feed + 1, message.length))
    }
}
