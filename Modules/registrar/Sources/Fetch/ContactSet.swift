import Bytes
import ModuleKit
import usrloc

/// The contacts of one address of record as they were when they were fetched: what `$ulc(profile=>attribute)` tells of.
final class ContactSet {
    /// What can be asked of one, by its name in scripts.
    enum Attribute: String, CaseIterable {
        case aor, domain, aorhash, count, addr, path, received, expires, callid, q, cseq, flags, cflags, socket,
            modified, methods, ruid, instance, conid
        case userAgent = "user_agent"
        case regID = "regid"

        init?(_ name: ByteString) {
            switch name {
            case "reg_id": self = .regID
            default:
                guard let known = Attribute(rawValue: name.string) else { return nil }
                self = known
            }
        }

        /// Those of a contact, not of the set.
        static var ofContacts: [Attribute] {
            self.allCases.filter { ![.aor, .domain, .aorhash, .count].contains($0) }
        }
    }

    let table: ByteString
    let address: ByteString
    let contacts: [FoundContact]
    /// Second of the monotonic clock, and of the wall clock, when they were fetched.
    private let second: UInt32
    private let wall: Int

    init(table: ByteString, address: ByteString, _ contacts: [FoundContact], now: Instant) {
        self.table = table
        self.address = address
        self.contacts = contacts
        self.second = UInt32(truncatingIfNeeded: max(now.milliseconds / 1000, 0) + 1)
        self.wall = WallClock.seconds()
    }

    /// - Parameter index: of the contact; negative ones count from the last.
    func value(_ attribute: Attribute, _ index: Int) -> Value {
        switch attribute {
        case .aor: return .bytes(self.address)
        case .domain: return .bytes(self.table)
        case .aorhash:
            let address = self.address
            return .int(Int(address.span.keyedHash(seed: HashSeed.process) & 0x7fff_ffff))
        case .count: return .int(self.contacts.count)
        default: break
        }
        let position = index < 0 ? self.contacts.count + index : index
        guard self.contacts.indices.contains(position) else { return .null }
        let contact = self.contacts[position]
        let record = contact.record
        switch attribute {
        case .aor, .domain, .aorhash, .count: return .null
        case .addr: return .bytes(contact.uri)
        case .path: return .bytes(contact.path)
        case .received: return .bytes(contact.received)
        case .expires: return .int(contact.secondsLeft.map { self.wall + $0 } ?? 0)
        case .callid: return .bytes(contact.callID)
        case .q: return .int(Int(record.q))
        case .cseq: return .int(Int(record.cSeq))
        case .flags: return .int(Int(record.flags))
        case .cflags: return .int(Int(record.branchFlags))
        case .userAgent: return .bytes(contact.userAgent)
        case .socket: return contact.socket.isEmpty ? .null : .bytes(contact.socket)
        case .modified: return .int(self.wall + Int(record.modified) - Int(self.second))
        case .methods: return .int(Int(record.methods))
        case .ruid: return .bytes(contact.ruid)
        case .regID: return .int(Int(record.regID))
        case .instance: return contact.instance.isEmpty ? .null : .bytes(contact.instance)
        case .conid: return record.connection == 0 ? .null : .int(Int(truncatingIfNeeded: record.connection))
        }
    }
}

/// The sets that the script has fetched for the message, by profile.
final class FetchedContacts {
    var sets: [ByteString: ContactSet] = [:]

    static func of(_ route: RouteContext) -> FetchedContacts {
        if let known = route.state(FetchedContacts.self) { return known }
        let made = FetchedContacts()
        route.setState(made)
        return made
    }
}
