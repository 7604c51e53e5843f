import Bytes

/// Walks a message and its edits side by side and writes the result.
struct EditCursor {
    private var position: Int
    private var next = 0
    private let count: Int

    init(_ edits: EditList, from start: Int) {
        edits.sort()
        self.position = start
        self.count = edits.count
        while self.next < self.count, Int(edits.edit(ordered: self.next).offset) < start {
            self.next &+= 1
        }
    }

    /// Writes up to `end` with all edits before it; edits at `end` itself wait.
    @inline(__always)
    mutating func copy(to end: Int, _ span: Span<UInt8>, _ edits: EditList, into out: ByteBuffer) {
        self.run(to: end, keeping: true, atEnd: false, span, edits, into: out)
    }

    /// Writes the texts of edits at the present position, without any received bytes.
    mutating func flush(_ span: Span<UInt8>, _ edits: EditList, into out: ByteBuffer) {
        self.run(to: self.position, keeping: true, atEnd: true, span, edits, into: out)
    }

    /// Leaves out the received bytes up to `end`; texts inserted among them come out.
    mutating func remove(to end: Int, _ span: Span<UInt8>, _ edits: EditList, into out: ByteBuffer) {
        self.run(to: end, keeping: false, atEnd: false, span, edits, into: out)
    }

    /// Writes the rest, edits at the very end included.
    mutating func finish(at end: Int, _ span: Span<UInt8>, _ edits: EditList, into out: ByteBuffer) {
        self.run(to: end, keeping: true, atEnd: true, span, edits, into: out)
    }

    /// Leaves out the received bytes up to `end` and the edits among them.
    mutating func skip(to end: Int, _ edits: EditList) {
        while self.next < self.count, Int(edits.edit(ordered: self.next).offset) < end { self.next &+= 1 }
        self.position = max(self.position, end)
    }

    private mutating func run(
        to end: Int,
        keeping: Bool,
        atEnd: Bool,
        _ span: Span<UInt8>,
        _ edits: EditList,
        into out: ByteBuffer
    ) {
        while self.next < self.count {
            let edit = edits.edit(ordered: self.next)
            let offset = Int(edit.offset)
            guard offset < end || (atEnd && offset == end) else { break }
            if offset > self.position {
                if keeping { out.append(span, ByteRange(self.position, offset)) }
                self.position = offset
            }
            out.append(edits.textSpan, edit.text)
            let past = min(offset &+ Int(edit.deleted), span.count)
            if past > self.position { self.position = past }
            self.next &+= 1
        }
        if self.position < end {
            if keeping { out.append(span, ByteRange(self.position, end)) }
            self.position = end
        }
    }
}
