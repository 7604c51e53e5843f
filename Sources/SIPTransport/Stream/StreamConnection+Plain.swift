import Bytes

// Names for what stands in the cell and the slots.
extension StreamConnection {
    /// The beginning of a message.
    var kept: ByteBuffer? {
        get { self.keptSlot.value }
        set { self.keptSlot.value = newValue }
    }
    /// Bytes for the peer; the first `written` are through.
    var output: ByteBuffer? {
        get { self.outputSlot.value }
        set { self.outputSlot.value = newValue }
    }
    var firstMark: SendMark {
        get { self.plain.value.firstMark }
        set { self.plain.value.firstMark = newValue }
    }
    var descriptor: Int32 {
        get { self.plain.value.descriptor }
        set { self.plain.value.descriptor = newValue }
    }
    var key: UInt64 {
        get { self.plain.value.key }
        set { self.plain.value.key = newValue }
    }
    var written: Int {
        get { self.plain.value.written }
        set { self.plain.value.written = newValue }
    }
    var enqueuedTotal: Int {
        get { self.plain.value.enqueuedTotal }
        set { self.plain.value.enqueuedTotal = newValue }
    }
    var isTimed: Bool {
        get { self.plain.value.isTimed }
        set { self.plain.value.isTimed = newValue }
    }
    var isOpening: Bool {
        get { self.plain.value.isOpening }
        set { self.plain.value.isOpening = newValue }
    }
    var isUnflushed: Bool {
        get { self.plain.value.isUnflushed }
        set { self.plain.value.isUnflushed = newValue }
    }
    var isBlocked: Bool {
        get { self.plain.value.isBlocked }
        set { self.plain.value.isBlocked = newValue }
    }
    var closesWhenWritten: Bool {
        get { self.plain.value.closesWhenWritten }
        set { self.plain.value.closesWhenWritten = newValue }
    }
    var isReadingPaused: Bool {
        get { self.plain.value.isReadingPaused }
        set { self.plain.value.isReadingPaused = newValue }
    }
    var awaitsAnswer: Bool {
        get { self.plain.value.awaitsAnswer }
        set { self.plain.value.awaitsAnswer = newValue }
    }
    var isHeldBack: Bool {
        get { self.plain.value.isHeldBack }
        set { self.plain.value.isHeldBack = newValue }
    }
    var awaitsHeader: Bool {
        get { self.plain.value.awaitsHeader }
        set { self.plain.value.awaitsHeader = newValue }
    }
    var isCountedByAddress: Bool {
        get { self.plain.value.isCountedByAddress }
        set { self.plain.value.isCountedByAddress = newValue }
    }
    var partialCount: Int {
        get { self.plain.value.partialCount }
        set { self.plain.value.partialCount = newValue }
    }
    var endCode: Int32 {
        get { self.plain.value.endCode }
        set { self.plain.value.endCode = newValue }
    }
    var phaseSince: Instant {
        get { self.plain.value.phaseSince }
        set { self.plain.value.phaseSince = newValue }
    }
    var partialSince: Instant {
        get { self.plain.value.partialSince }
        set { self.plain.value.partialSince = newValue }
    }
    var stalledSince: Instant {
        get { self.plain.value.stalledSince }
        set { self.plain.value.stalledSince = newValue }
    }
    var armedTick: Int64 {
        get { self.plain.value.armedTick }
        set { self.plain.value.armedTick = newValue }
    }
}
