import Bytes

extension EditList {
    /// Deletes `range`; absent and empty ranges delete nothing.
    public func delete(_ range: ByteRange) {
        guard range.isPresent, range.count > 0 else { return }
        self.record(offset: range.lower, deleted: range.length, textStart: self.text.count)
    }

    /// Inserts `text` before the byte at `offset`.
    /// - Parameter before: ahead of what is inserted there already, instead of after it.
    public func insert(at offset: Int, _ text: Span<UInt8>, before: Bool = false) {
        let start = self.text.count
        self.text.append(text)
        self.record(offset: offset, deleted: 0, textStart: start, before: before)
    }

    public func insert(at offset: Int, _ text: StaticString, before: Bool = false) {
        self.insert(at: offset, text.span, before: before)
    }

    @_disfavoredOverload
    public func insert(at offset: Int, _ text: ByteString, before: Bool = false) {
        self.insert(at: offset, text.span, before: before)
    }

    /// Puts `text` in place of `range`.
    public func replace(_ range: ByteRange, with text: Span<UInt8>) {
        guard range.isPresent else { return }
        let start = self.text.count
        self.text.append(text)
        self.record(offset: range.lower, deleted: range.length, textStart: start)
    }

    /// Puts `number` in decimal in place of `range`.
    public func replace(_ range: ByteRange, withDecimal number: Int) {
        guard range.isPresent else { return }
        let start = self.text.count
        self.text.append(decimal: number)
        self.record(offset: range.lower, deleted: range.length, textStart: start)
    }

    /// The buffer to append a text to that `endInsert(_:at:)` then inserts; nothing else is recorded in between.
    ///
    ///     let writer = edits.beginInsert()
    ///     writer.buffer.append("Max-Forwards: ")
    ///     writer.buffer.append(decimal: 70)
    ///     edits.endInsert(writer, at: message.headersEnd)
    public func beginInsert() -> TextWriter { TextWriter(buffer: self.text, start: self.text.count) }

    /// Inserts what was written since `beginInsert()` before the byte at `offset`.
    public func endInsert(_ writer: TextWriter, at offset: Int, before: Bool = false) {
        self.record(offset: offset, deleted: 0, textStart: writer.start, before: before)
    }

    /// Keeps the place before the byte at `offset` for a text to come: it will stand where it stood had it been
    /// inserted now.
    public func keepPlace(at offset: Int, before: Bool = false) -> Place {
        self.record(offset: offset, deleted: 0, textStart: self.text.count, before: before)
        let edit = self.edits[self.edits.count &- 1]
        return Place(offset: edit.offset, rank: edit.rank)
    }

    /// Inserts what was written since `beginInsert()` at a place that was kept; `rollback` takes the text back, not the
    /// place.
    public func endInsert(_ writer: TextWriter, at place: Place) {
        self.record(at: place, textStart: writer.start)
    }

    /// Puts what was written since `beginInsert()` in place of `range`.
    public func endReplace(_ writer: TextWriter, _ range: ByteRange) {
        self.record(offset: range.lower, deleted: range.length, textStart: writer.start)
    }

    /// Where the text of an edit is being written.
    public struct TextWriter {
        public let buffer: ByteBuffer
        let start: Int
    }

    /// Whether some deletion covers all of `range`.
    public func isDeleted(_ range: ByteRange) -> Bool {
        for index in 0..<self.edits.count {
            let edit = self.edits[index]
            if Int(edit.offset) <= range.lower, Int(edit.offset) &+ Int(edit.deleted) >= range.upper { return true }
        }
        return false
    }

    /// How many bytes longer (or, negative, shorter) the part of the message from `offset` on becomes.
    func growth(from offset: Int, length: Int) -> Int {
        guard !self.edits.isEmpty else { return 0 }
        self.sort()
        var growth = 0
        var covered = offset
        for position in 0..<self.edits.count {
            let edit = self.edits[self.ordered(position)]
            let start = Int(edit.offset)
            let end = Swift.min(start &+ Int(edit.deleted), length)
            if start >= offset, start <= length { growth &+= edit.text.length }
            if end > covered {
                growth &-= end &- Swift.max(start, covered)
                covered = end
            }
        }
        return growth
    }
}
