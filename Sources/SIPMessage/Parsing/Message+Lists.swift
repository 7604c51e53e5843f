import Bytes

/// Walks the Via values of a message from the top, through comma lists and over several header fields.
public struct ViaIterator: BitwiseCopyable, Sendable {
    private var field = -2
    private var position = 0

    public init() {}

    /// The next Via; nil after the last one. A broken value is returned with `isValid` false and ends its field.
    public mutating func next(_ message: Message) -> Via? {
        guard let place = nextMember(.via, message, &self.field, &self.position) else { return nil }
        let via = Via(message.span, from: place.lower, to: place.upper, field: self.field)
        self.position = via.isValid ? via.listEnd &+ 1 : place.upper
        return via
    }
}

/// Walks the addresses of the fields with one name, through comma lists and over several header fields.
public struct NameAddressIterator: BitwiseCopyable, Sendable {
    private let name: HeaderName
    private var field = -2
    private var position = 0

    public init(_ name: HeaderName) { self.name = name }

    /// The next value; nil after the last one. A broken value is returned with `isValid` false and ends its field.
    public mutating func next(_ message: Message) -> NameAddress? {
        guard let place = nextMember(self.name, message, &self.field, &self.position) else { return nil }
        let address = NameAddress(
            message.span,
            from: place.lower,
            to: place.upper,
            isList: true,
            field: self.field
        )
        self.position = address.isValid ? address.listEnd &+ 1 : place.upper
        return address
    }
}

/// What is left of the field the iterator is in, or the value of the next one; nil at the end.
private func nextMember(
    _ name: HeaderName,
    _ message: Message,
    _ field: inout Int,
    _ position: inout Int
) -> ByteRange? {
    if field >= 0 {
        let value = message.field(at: field).value
        if position < value.upper { return ByteRange(position, value.upper) }
    }
    while field != -1 {
        field = field == -2 ? message.first(name) : Int(message.field(at: field).next)
        guard field >= 0 else { return nil }
        let value = message.field(at: field).value
        if value.count > 0 { return value }
    }
    return nil
}

extension Message {
    /// The Via value at `index`, 0 being the top one; `isValid` is false when there is none or it is broken.
    public func via(at index: Int) -> Via {
        if index == 0 { return self.topVia }
        var iterator = ViaIterator()
        var left = index
        while let via = iterator.next(self) {
            if left == 0 { return via }
            left &-= 1
        }
        return Via()
    }

    /// Calls `body` with each Via from the top until it returns false.
    @inline(__always)
    public func forEachVia(_ body: (Via) -> Bool) {
        var iterator = ViaIterator()
        while let via = iterator.next(self) {
            guard body(via) else { return }
        }
    }

    /// Calls `body` with each address in the fields called `name` until it returns false.
    @inline(__always)
    public func forEachNameAddress(in name: HeaderName, _ body: (NameAddress) -> Bool) {
        var iterator = NameAddressIterator(name)
        while let address = iterator.next(self) {
            guard body(address) else { return }
        }
    }

    public var contacts: NameAddressIterator { NameAddressIterator(.contact) }
    public var routes: NameAddressIterator { NameAddressIterator(.route) }
    public var recordRoutes: NameAddressIterator { NameAddressIterator(.recordRoute) }
}
