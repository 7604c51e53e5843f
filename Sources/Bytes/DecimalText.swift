/// A number in decimal, with a minus sign when negative: bytes on the stack, for who needs them for a moment.
public struct DecimalText {
    private var bytes = InlineArray<20, UInt8>(repeating: 0)
    /// Where the text begins; it goes to the end.
    private var start = 20

    public init(_ value: Int) {
        var rest = value.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            self.start -= 1
            self.bytes[self.start] = 48 &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest > 0
        guard value < 0 else { return }
        self.start -= 1
        self.bytes[self.start] = UInt8(ascii: "-")
    }

    public var span: Span<UInt8> {
        @_lifetime(borrow self) get { self.bytes.span.extracting(self.start..<20) }
    }
}
