import Bytes

extension Message {
    public var headerCount: Int { self.fields.count }

    /// - Parameter index: below `headerCount`.
    public func field(at index: Int) -> HeaderField { self.fields[index] }

    /// Index of the first field called `name`, or -1.
    public func first(_ name: HeaderName) -> Int {
        Int(self.chains.value.first[Int(name.rawValue)])
    }

    /// Index of the last field called `name`, or -1.
    public func last(_ name: HeaderName) -> Int {
        Int(self.chains.value.last[Int(name.rawValue)])
    }

    public func has(_ name: HeaderName) -> Bool { self.first(name) >= 0 }

    /// Index of the first field with that name, in any case and either form, or -1.
    public func first(named name: Span<UInt8>) -> Int {
        let known = self.names.name(name, ByteRange(start: 0, count: name.count))
        guard known == .other else { return self.first(known) }
        let span = self.span
        var index = self.first(.other)
        while index >= 0 {
            let field = self.fields[index]
            if span.equalsIgnoringCase(field.nameRange, name) { return index }
            index = Int(field.next)
        }
        return -1
    }

    /// Index of the next field with the name of the one at `index`, or -1. Compact forms equal long ones.
    public func next(after index: Int) -> Int {
        let field = self.fields[index]
        guard field.name == .other else { return Int(field.next) }
        let span = self.span
        let name = span.extracting(field.nameRange.indices)
        var index = Int(field.next)
        while index >= 0 {
            let candidate = self.fields[index]
            if span.equalsIgnoringCase(candidate.nameRange, name) { return index }
            index = Int(candidate.next)
        }
        return -1
    }

    /// Value of the first field called `name`, absent when there is none.
    public func value(_ name: HeaderName) -> ByteRange {
        let index = self.first(name)
        return index >= 0 ? self.fields[index].value : .absent
    }

    /// Whether `text` is a member of the comma list in the fields called `name`, such as an option tag of Supported.
    public func lists(_ text: Span<UInt8>, in name: HeaderName) -> Bool {
        let span = self.span
        var index = self.first(name)
        while index >= 0 {
            let field = self.fields[index]
            var members = ListScanner(field.value)
            while let member = members.next(span) {
                if span.equalsIgnoringCase(member, text) { return true }
            }
            index = Int(field.next)
        }
        return false
    }
}
