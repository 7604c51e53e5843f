import Bytes

/// Changes to a received message that are not made until it is written: deletions, and texts to insert, by offset.
///
/// Reading the message meanwhile shows it as received, which is what scripts expect until `msg_apply_changes`. Offsets
/// are into the message's buffer. At one offset texts come out in the order they were inserted, those inserted with
/// `before` ahead of all others; a text inserted inside a deleted range still comes out. Overlapping deletions merge.
/// The list is reused: once it has grown it allocates nothing.
public final class EditList {
    /// One change: `deleted` bytes at `offset` go, the text comes in their place.
    public struct Edit: BitwiseCopyable, Sendable {
        public var offset: Int32
        public var deleted: Int32
        /// The inserted text inside `EditList.text`.
        public var text: ByteRange
        /// Order among edits at the same offset.
        var rank: Int32
    }

    /// A place among the edits that is kept for a text which is only known when the message is written.
    public struct Place: BitwiseCopyable, Sendable {
        var offset: Int32
        var rank: Int32
    }

    /// A moment in the life of a list, to go back to: edits for one branch are taken back before the next.
    public struct Mark: BitwiseCopyable, Sendable {
        var edits: Int32
        var text: Int32
    }

    let edits: FlatStore<Edit>
    private let order: FlatStore<Int32>
    private var isOrdered = true
    /// The texts of all edits one after the other.
    let text: ByteBuffer

    public init() {
        self.edits = FlatStore(capacity: 16)
        self.order = FlatStore(capacity: 16)
        self.text = ByteBuffer(capacity: 512)
    }

    /// An equal list in as little memory as it needs, to be kept and copied from.
    public init(copying other: EditList) {
        self.edits = FlatStore(capacity: other.edits.count)
        self.order = FlatStore(capacity: 1)
        self.text = ByteBuffer(other.textSpan)
        for index in 0..<other.edits.count { self.edits.append(other.edits[index]) }
        self.isOrdered = false
    }

    public var isEmpty: Bool { self.edits.isEmpty }
    public var count: Int { self.edits.count }

    /// - Parameter index: below `count`; edits are numbered in the order they were made.
    public func edit(at index: Int) -> Edit { self.edits[index] }

    /// The texts of all edits; `Edit.text` is a range of it.
    public var textSpan: Span<UInt8> {
        @_lifetime(borrow self) get { ByteBuffer.span(of: self.text, heldBy: self) }
    }

    public func removeAll() {
        self.edits.removeAll()
        self.order.removeAll()
        self.text.removeAll()
        self.isOrdered = true
    }

    /// Forgets what one unusual message made the list grow to.
    public func giveBackMemory() {
        if self.edits.capacity > 64 { self.edits.removeAll(keeping: 16) }
        if self.order.capacity > 64 { self.order.removeAll(keeping: 16) }
        guard self.text.capacity > 4096 else { return }
        self.removeAll()
        self.text.shrink(to: 512)
    }

    public func mark() -> Mark {
        Mark(edits: Int32(truncatingIfNeeded: self.edits.count), text: Int32(truncatingIfNeeded: self.text.count))
    }

    /// Forgets all that was recorded since `mark`. A mark from before `removeAll` empties nothing more.
    public func rollback(to mark: Mark) {
        guard Int(mark.edits) <= self.edits.count, Int(mark.text) <= self.text.count else { return }
        self.edits.truncate(to: Int(mark.edits))
        self.text.truncate(to: Int(mark.text))
        self.isOrdered = false
    }

    /// Becomes an equal list.
    public func copy(from other: EditList) {
        guard other !== self else { return }
        self.removeAll()
        for index in 0..<other.edits.count { self.edits.append(other.edits[index]) }
        self.text.append(other.textSpan)
        self.isOrdered = false
    }

    /// Records an edit whose text is what was appended to `text` since `textStart`.
    func record(offset: Int, deleted: Int, textStart: Int, before: Bool = false) {
        let number = Int32(truncatingIfNeeded: self.edits.count &+ 1)
        self.edits.append(
            Edit(
                offset: Int32(clamping: Swift.max(offset, 0)),
                deleted: Int32(clamping: Swift.max(deleted, 0)),
                text: ByteRange(textStart, self.text.count),
                rank: before ? -number : number
            )
        )
        self.isOrdered = false
    }

    /// Records an edit that comes out at `place`, with the text that was appended to `text` since `textStart`.
    func record(at place: Place, textStart: Int) {
        self.edits.append(
            Edit(offset: place.offset, deleted: 0, text: ByteRange(textStart, self.text.count), rank: place.rank))
        self.isOrdered = false
    }

    /// Number of the edit that comes out at `position`, counted from the start of the message.
    func ordered(_ position: Int) -> Int { Int(self.order[position]) }

    /// That edit.
    func edit(ordered position: Int) -> Edit { self.edits[self.ordered(position)] }

    /// Lists up to this long are sorted by insertion, longer ones in a time that does not grow by their square.
    private static let shortCount = 64

    /// Brings `order` up to date: by offset, then by rank.
    func sort() {
        guard !self.isOrdered else { return }
        self.order.removeAll()
        self.isOrdered = true
        guard self.edits.count <= Self.shortCount else { return self.sortLong() }
        for index in 0..<self.edits.count {
            var place = self.order.count
            self.order.append(Int32(truncatingIfNeeded: index))
            while place > 0 {
                let other = self.order[place &- 1]
                guard self.comesBefore(index, Int(other)) else { break }
                self.order[place] = other
                place &-= 1
            }
            self.order[place] = Int32(truncatingIfNeeded: index)
        }
    }

    private func sortLong() {
        var numbers = Array(0..<self.edits.count)
        numbers.sort { self.comesBefore($0, $1) || (!self.comesBefore($1, $0) && $0 < $1) }
        for number in numbers { self.order.append(Int32(truncatingIfNeeded: number)) }
    }

    @inline(__always)
    private func comesBefore(_ index: Int, _ other: Int) -> Bool {
        let (one, two) = (self.edits[index], self.edits[other])
        return one.offset < two.offset || (one.offset == two.offset && one.rank < two.rank)
    }
}
