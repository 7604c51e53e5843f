import Bytes
import ModuleKit
import SIPMessage
import usrloc

/// Reads what the Contact header fields of a REGISTER ask for.
struct ContactScan: Sendable {
    let settings: Registrar.Settings

    /// Values of the `$xavp` of `xavp_cfg`.
    struct Wishes {
        /// Thousandths.
        var q: Int?
        var expires: Int?
    }

    /// What the Contact fields are.
    enum Kind {
        /// None: a query.
        case none
        /// `*`: everything goes.
        case star
        case list
    }

    /// Tells what kind of REGISTER it is (RFC 3261 §10.3 step 6).
    func kind(_ message: Message) throws(RegistrationFailure) -> Kind {
        guard message.has(.contact) else { return .none }
        let span = message.span
        var contacts = message.contacts
        var count = 0
        var hasStar = false
        while let contact = contacts.next(message) {
            guard contact.isValid else { throw .badContact }
            if contact.isStar {
                hasStar = true
            } else if span.firstIndex(of: UInt8(ascii: ":"), from: contact.uri.lower, to: contact.uri.upper)
                == contact.uri.upper
            {
                throw .badContact
            }
            guard contact.uri.length <= self.settings.contactMaxSize else { throw .longContact }
            // What would end the angle brackets that it is listed in, or the line.
            for index in contact.uri.indices {
                switch span[index] {
                case 0...32, 127, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): throw .badContact
                default: break
                }
            }
            count += 1
        }
        let last = message.field(at: message.last(.contact)).value
        guard count > 0, last.count > 0, span[last.upper - 1] != UInt8(ascii: ",") else { throw .badContact }
        guard hasStar else { return .list }
        guard count == 1 else { throw .starNotAlone }
        guard message.expires == 0 else { throw .starExpires }
        return .star
    }

    /// Appends one update per contact. Those of one header field come last first, as users of Kamailio know it.
    /// - Parameters:
    ///   - isExact: expiry is not shortened at random.
    ///   - live: what may have changed since the start.
    ///   - wishes: what the script has decided for this REGISTER.
    func read(
        _ message: Message, isExact: Bool, _ live: ConfigurationSnapshot?, _ wishes: Wishes,
        into updates: borrowing FlatStore<BindingUpdate>
    ) throws(RegistrationFailure) {
        let span = message.span
        let expires = message.expires
        let hasExpires = message.has(.expires)
        if hasExpires, message.value(.expires).count <= 0 { throw .badExpires }
        var allowed: UInt32?
        var contacts = message.contacts
        var field = -1
        var fieldStart = 0
        while let contact = contacts.next(message) {
            if contact.fieldIndex != field {
                Self.reverse(updates, from: fieldStart)
                field = contact.fieldIndex
                fieldStart = updates.count
            }
            var update = BindingUpdate(
                uri: contact.uri, expires: 0, q: Int16(truncatingIfNeeded: self.settings.defaultQ.value(in: live)))
            var seconds = hasExpires ? expires : nil
            var hasMethods = false
            if contact.parameters.count > 0 {
                var scanner = ParameterScanner(contact.parameters)
                while scanner.next(span) {
                    let value = Self.unquoted(span, scanner.value)
                    switch scanner.name.length {
                    case 1 where span[scanner.name.lower] | 0x20 == UInt8(ascii: "q"):
                        guard value.length > 0 else { continue }
                        guard let q = Self.quality(span, value) else { throw .badQuality }
                        update.q = q
                    case 6 where span.equalsIgnoringCase(scanner.name, "reg-id"):
                        update.regID = UInt32(clamping: span.decimal(in: value) ?? 0)
                    case 7 where span.equalsIgnoringCase(scanner.name, "expires"): seconds = Self.seconds(span, value)
                    case 7 where span.equalsIgnoringCase(scanner.name, "methods"):
                        update.methods = Self.methods(span, value)
                        hasMethods = true
                    case 8 where span.equalsIgnoringCase(scanner.name, "received"):
                        guard value.length <= self.settings.contactMaxSize else { throw .longContact }
                        if value.count > 0 { update.received = value }
                    case 13 where span.equalsIgnoringCase(scanner.name, "+sip.instance"):
                        update.instance = value
                    default: break
                    }
                }
                // A reg-id means something only with an instance (RFC 5626 §4.2).
                if update.instance.count == 0 { update.regID = 0 }
            }
            if !hasMethods {
                let known = allowed ?? Self.allowedMethods(message)
                allowed = known
                update.methods = known
            }
            if let q = wishes.q { update.q = Int16(clamping: max(-1, min(q, 1000))) }
            if let own = wishes.expires { seconds = own }
            update.expires = try self.clamp(seconds, isExact, live)
            updates.append(update)
        }
        Self.reverse(updates, from: fieldStart)
    }

    /// The lifetime that is granted (RFC 3261 §10.3 step 7).
    private func clamp(
        _ asked: Int?, _ isExact: Bool, _ live: ConfigurationSnapshot?
    ) throws(RegistrationFailure) -> UInt32 {
        if asked == 0 { return 0 }
        let settings = self.settings
        var seconds = asked ?? settings.defaultExpires.value(in: live)
        let range = (asked == nil ? settings.defaultExpiresRange : settings.expiresRange).value(in: live)
        if range > 0, !isExact { seconds -= seconds / 100 * Int.random(in: 0...range) }
        let least = settings.minExpires.value(in: live)
        if seconds < least {
            guard settings.minExpiresMode == 0 else { throw .intervalTooBrief }
            seconds = least
        }
        let most = settings.maxExpires.value(in: live)
        if most > 0 { seconds = min(seconds, most) }
        return UInt32(clamping: seconds)
    }

    private static func reverse(_ updates: borrowing FlatStore<BindingUpdate>, from start: Int) {
        var low = start
        var high = updates.count - 1
        while low < high {
            let update = updates[low]
            updates[low] = updates[high]
            updates[high] = update
            low += 1
            high -= 1
        }
    }
}

// Values of parameters.
extension ContactScan {
    static func unquoted(_ span: Span<UInt8>, _ value: ByteRange) -> ByteRange {
        guard value.length >= 2, span[value.lower] == UInt8(ascii: "\"") else { return value }
        return ByteRange(start: value.lower + 1, count: value.length - 2)
    }

    /// nil when it is no number; then the default counts.
    static func seconds(_ span: Span<UInt8>, _ value: ByteRange) -> Int? {
        guard value.count > 0 else { return nil }
        var seconds = 0
        for index in value.indices {
            guard span[index].isDigit else { return nil }
            seconds = min(seconds * 10 + Int(span[index] - 48), Int(Int32.max))
        }
        return seconds
    }

    /// Thousandths, further digits cut off; nil for what is no number from 0 to 1.
    static func quality(_ span: Span<UInt8>, _ value: ByteRange) -> Int16? {
        guard value.count > 0 else { return nil }
        var thousandths = 0
        // Worth of the next digit: 1000 before the point, 100, 10, 1 after it, then nothing.
        var worth = 1000
        var hasPoint = false
        for index in value.indices {
            let byte = span[index]
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
                worth = 100
            } else if byte.isDigit, hasPoint || index == value.lower {
                thousandths += Int(byte - 48) * worth
                worth = hasPoint ? worth / 10 : worth
            } else {
                return nil
            }
        }
        return thousandths <= 1000 ? Int16(thousandths) : nil
    }

    /// Bits of a list of methods.
    static func methods(_ span: Span<UInt8>, _ value: ByteRange) -> UInt32 {
        guard value.count > 0 else { return .max }
        var bits: UInt32 = 0
        var index = value.lower
        while index < value.upper {
            while index < value.upper, span[index] <= 32 || span[index] == UInt8(ascii: ",") { index += 1 }
            let start = index
            while index < value.upper, span[index] > 32, span[index] != UInt8(ascii: ",") { index += 1 }
            if index > start { bits |= Method(parsing: span, ByteRange(start, index)).rawValue }
        }
        return bits == 0 ? .max : bits
    }

    /// Bits of the Allow header field; all without one.
    static func allowedMethods(_ message: Message) -> UInt32 {
        var index = message.first(.allow)
        guard index >= 0 else { return .max }
        var bits: UInt32 = 0
        let span = message.span
        while index >= 0 {
            let field = message.field(at: index)
            if field.value.count > 0 { bits |= Self.methods(span, field.value) }
            index = Int(field.next)
        }
        return bits == 0 ? .max : bits
    }
}
