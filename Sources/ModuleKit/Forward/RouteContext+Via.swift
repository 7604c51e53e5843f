import Bytes
import SIPMessage

extension RouteContext {
    /// Appends the address of our Via: from `$xavp` fields where the script wants that, else as the socket is named.
    public func writeViaSentBy(_ socket: ListenSocket, to buffer: ByteBuffer) {
        guard self.options.contains(.useViaFields), self.coreSettings.hasViaFields else {
            return self.writeSentBy(socket, to: buffer)
        }
        let name = self.worker.host.sharedSettings.values.xavpViaFields
        guard let fields = self.attributes.xavp.fields(name) else {
            return self.writeSentBy(socket, to: buffer)
        }
        let address = self.text(fields.value("address"))
        guard Self.isViaText(address) else { return self.writeSentBy(socket, to: buffer) }
        buffer.append(address)
        let port = self.int(fields.value("port")) ?? 0
        guard port > 0, port <= 65_535 else { return }
        buffer.append(UInt8(ascii: ":"))
        buffer.append(decimal: port)
    }

    /// Appends the parameters of our Via that the script or the configuration asked for.
    public func writeViaOptions(into buffer: ByteBuffer) {
        let settings = self.coreSettings
        if settings.detectsLoops { LoopMark.write(for: self.message, to: buffer) }
        if settings.localRport || self.options.contains(.addLocalRport) { buffer.append(";rport") }
        if self.options.contains(.addServerID), settings.serverID != 0 {
            buffer.append(";srvid=")
            buffer.append(decimal: settings.serverID)
        }
        if self.viaFlags != 0 {
            buffer.append(";vbf=")
            buffer.append(hex: UInt64(self.viaFlags))
        }
        if self.options.contains(.addViaParameters) {
            self.writeViaParameters(self.worker.host.sharedSettings.values.xavpViaParams, into: buffer)
        }
    }

    /// Puts what `via_reply_add_xavp_params(1)` asked for at the end of the top Via of the reply that `buffer` holds.
    public func completeReplyVia(in buffer: ByteBuffer) {
        guard self.options.contains(.addReplyViaParameters), let reply = Message(buffer.span) else { return }
        let text = ByteBuffer(capacity: 64)
        self.writeViaParameters(self.worker.host.sharedSettings.values.xavpViaReplyParams, into: text)
        let via = reply.topVia
        guard via.isValid, text.count > 0 else { return }
        buffer.replace(at: via.addition, deleting: 0, with: text.span)
    }

    /// The fields of an `$xavp`, newest first; what would end the parameter is left out.
    private func writeViaParameters(_ name: ByteString, into buffer: ByteBuffer) {
        guard !name.isEmpty, let fields = self.attributes.xavp.fields(name) else { return }
        for position in 0..<fields.count {
            let entry = fields.entry(at: position)
            guard case .value(let value) = entry.item else { continue }
            let text = self.text(value)
            guard Self.isViaText(entry.name), Self.isViaText(text) else { continue }
            buffer.append(UInt8(ascii: ";"))
            buffer.append(entry.name)
            buffer.append(UInt8(ascii: "="))
            buffer.append(text)
        }
    }

    private static func isViaText(_ text: ByteString) -> Bool {
        !text.isEmpty
            && text.bytes.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
    }
}
