import Bytes

extension EditList {
    /// Inserts `text`, whole header lines with their line ends, after the last header field.
    public func appendHeader(_ text: Span<UInt8>, _ message: Message) {
        self.insert(at: message.headersEnd, text)
    }

    public func appendHeader(_ text: ByteString, _ message: Message) { self.appendHeader(text.span, message) }

    /// Inserts `text`, whole header lines with their line ends, before the first header field, after what was
    /// inserted there before. Our own Via comes after it.
    public func insertHeaderFirst(_ text: Span<UInt8>, _ message: Message) {
        self.insert(at: message.firstHeaderStart, text)
    }

    public func insertHeaderFirst(_ text: ByteString, _ message: Message) { self.insertHeaderFirst(text.span, message) }

    /// Deletes the field at `index` with its line end.
    public func removeHeader(at index: Int, _ message: Message) {
        guard index >= 0, index < message.headerCount else { return }
        self.delete(message.field(at: index).range)
    }

    /// Whether the field at `index` is deleted.
    public func isRemoved(_ index: Int, _ message: Message) -> Bool {
        guard !self.isEmpty, index >= 0, index < message.headerCount else { return false }
        return self.isDeleted(message.field(at: index).range)
    }

    /// Puts `value` in place of the value of the field at `index`.
    public func replaceValue(at index: Int, with value: Span<UInt8>, _ message: Message) {
        guard index >= 0, index < message.headerCount else { return }
        self.replace(message.field(at: index).value, with: value)
    }

    /// Deletes one member of a comma list: the whole field when it is the only member, else member and comma.
    ///
    /// Ranges as in `Via` and `NameAddress`: `value` of the member, `listEnd` its comma or the end of the value.
    public func removeListMember(_ value: ByteRange, listEnd: Int, field index: Int, _ message: Message) {
        guard index >= 0, index < message.headerCount else { return }
        self.delete(message.removalRange(value, listEnd: listEnd, field: index))
    }

    /// Completes the top Via of a request to be forwarded (RFC 3261 §18.2.1, RFC 3581 §4).
    ///
    /// `received` goes right after sent-by when the host there is not the source address, or when `rport` was asked
    /// for; it replaces one that is there already, for the sender cannot know it. `rport` gets its port in place, or
    /// when it is missing and forced comes right after sent-by.
    /// - Parameter isNamed: sent-by is a name of the source address: it needs no `received`.
    public func fixTopVia(_ message: Message, source: SocketAddress, forceRport: Bool, isNamed: Bool = false) {
        let via = message.topVia
        guard via.isValid else { return }
        let span = message.span
        if via.hasRport { self.replaceRport(via, port: source.port) }
        let needsReceived = via.needsReceived(span, source: source.ip, isNamed: isNamed)
        if via.receivedParameter.isPresent, needsReceived {
            // With the semicolon; white space round it stays.
            var semicolon = via.receivedParameter.lower &- 1
            while semicolon > via.start, span[semicolon] != 59 { semicolon &-= 1 }
            self.delete(ByteRange(semicolon, via.receivedParameter.upper))
        }
        guard needsReceived || (forceRport && !via.hasRport) else { return }
        let start = self.text.count
        if forceRport, !via.hasRport {
            self.text.append(";rport=")
            self.text.append(decimal: Int(source.port))
        }
        if needsReceived {
            self.text.append(";received=")
            source.ip.write(to: self.text)
        }
        self.record(offset: via.parameters.lower, deleted: 0, textStart: start)
    }

    private func replaceRport(_ via: Via, port: UInt16) {
        let start = self.text.count
        self.text.append("rport=")
        self.text.append(decimal: Int(port))
        self.record(offset: via.rportParameter.lower, deleted: via.rportParameter.length, textStart: start)
    }
}

extension Via {
    /// Whether a `received` parameter is due: sent-by is not `source`, `rport` was asked for, or the sender made one up.
    /// - Parameter isNamed: sent-by has been found to be a name of `source`.
    public func needsReceived(_ span: Span<UInt8>, source: IPAddress, isNamed: Bool = false) -> Bool {
        self.hasRport || self.receivedParameter.isPresent || !isNamed && self.hostAddress(span) != source
    }
}

extension Message {
    /// What to delete so that a list member and one comma go: the whole field when it is the only member.
    func removalRange(_ member: ByteRange, listEnd: Int, field index: Int) -> ByteRange {
        let field = self.field(at: index)
        let span = self.span
        if listEnd < field.value.upper {
            var next = listEnd &+ 1
            while next < field.value.upper, span[next].isSpace { next &+= 1 }
            if next < field.value.upper { return ByteRange(member.lower, next) }
        }
        var lower = member.lower
        while lower > field.value.lower, span[lower &- 1].isSpace { lower &-= 1 }
        guard lower > field.value.lower, span[lower &- 1] == 44 else { return field.range }
        return ByteRange(lower &- 1, field.value.upper)
    }
}
