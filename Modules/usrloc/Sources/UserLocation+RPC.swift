import Bytes
import Database
import Glibc
import ModuleKit
import SIPMessage

extension UserLocation {
    public var commands: [RPCCommand] {
        [
            RPCCommand("ul.dump", "All tables with their bindings; with \"brief\" only the names.") {
                [self] request throws(RPCFault) in try self.dump(request)
            },
            RPCCommand("ul.lookup", "The bindings of one address of record: table, AoR.") {
                [self] request throws(RPCFault) in try self.lookup(request)
            },
            RPCCommand("ul.add", "Adds a binding: table, AoR, contact, expires, q, path, flags, cflags, methods.") {
                [self] request throws(RPCFault) in try self.add(request)
            },
            RPCCommand("ul.rm", "Removes an address of record: table, AoR.") {
                [self] request throws(RPCFault) in try self.removeAddress(request)
            },
            RPCCommand("ul.rm_contact", "Removes one binding: table, AoR, contact.") {
                [self] request throws(RPCFault) in try self.removeContact(request)
            },
            RPCCommand("ul.flush", "Has what changed written to the database now.") { [self] _ in
                self.journal?.request(nil, now: .now())
                return []
            },
            RPCCommand("ul.db_users", "Users in a table of the database that have valid bindings: table.") {
                [self] request throws(RPCFault) in
                try self.count(request, .users)
            },
            RPCCommand("ul.db_contacts", "Valid bindings in a table of the database: table.") {
                [self] request throws(RPCFault) in
                try self.count(request, .contacts)
            },
            RPCCommand("ul.db_expired_contacts", "Expired bindings in a table of the database: table.") {
                [self] request throws(RPCFault) in
                try self.count(request, .expired)
            },
        ]
    }

    private enum Counted {
        case users, contacts, expired
    }

    private func count(_ request: RPCRequest, _ counted: Counted) throws(RPCFault) -> [RPCValue] {
        guard request.has(0) else { throw RPCFault(500, "Not enough parameters (table to lookup)") }
        guard let database = self.database else { throw RPCFault(500, "no database is configured (db_mode)") }
        let table = try self.existing(request).name
        let settings = self.settings.database
        let now = WallClock.seconds()
        let (expires, user, domain) = (settings.column(.expires), settings.column(.username), settings.column(.domain))
        do throws(DatabaseError) {
            let found = try database.wait(.read) { session -> Int in
                var users: Set<ByteString> = []
                var count = 0
                try session.fetch(Select([expires, user, domain], from: table), chunk: settings.fetchRows) { rows in
                    for row in rows {
                        let end = row[0].int ?? 0
                        let isExpired = end != 0 && end <= now
                        guard isExpired == (counted == .expired) else { continue }
                        count += 1
                        if counted == .users {
                            users.insert((row[1].text ?? ByteString()) + "@" + (row[2].text ?? ByteString()))
                        }
                    }
                }
                return counted == .users ? users.count : count
            }
            return [.int(found)]
        } catch {
            throw RPCFault(500, "\(error)")
        }
    }

    private func dump(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        var isBrief = false
        if request.has(0) { isBrief = try request.text(0) == "brief" }
        let tables = self.store.all.map { table in RPCValue.Member("Domain", self.dump(table, isBrief)) }
        return [.structure([.init("Domains", .structure(tables))])]
    }

    private func lookup(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        guard request.has(1) else { throw RPCFault(500, "Not enough parameters (table and AOR to lookup)") }
        let table = try self.existing(request)
        let address = try self.address(request)
        let now = Instant.now()
        let contacts = table.contacts(of: address.span, now: now, includingExpired: true)
        guard !contacts.isEmpty else { throw RPCFault(500, "AOR not found in location table") }
        let members = contacts.map { contact in RPCValue.Member("Contact", self.answer(contact, now)) }
        return [.structure([.init("AoR", .text(address)), .init("Contacts", .structure(members))])]
    }

    private func removeAddress(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        guard request.has(1) else { throw RPCFault(500, "Not enough parameters (table and AOR to lookup)") }
        let table = try self.existing(request)
        let address = try self.address(request)
        table.removeAll(of: address.span)
        return []
    }

    private func removeContact(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        guard request.has(2) else { throw RPCFault(500, "Not enough parameters (table, AOR and contact)") }
        let table = try self.existing(request)
        let address = try self.address(request)
        let contact = try request.text(2)
        let removed = table.remove(of: address.span) { stripe, record in
            stripe.texts.span(record.uri).equals(contact.span)
        }
        guard let removed else { throw RPCFault(404, "AOR not found") }
        guard removed else { throw RPCFault(404, "Contact not found") }
        return []
    }

    private func existing(_ request: RPCRequest) throws(RPCFault) -> LocationTable {
        guard let table = self.store.existingTable(named: try request.text(0)) else {
            throw RPCFault(500, "Domain table not found")
        }
        return table
    }

    /// The second parameter as a key: folded, without the domain where that is not part of it.
    private func address(_ request: RPCRequest) throws(RPCFault) -> ByteString {
        var bytes = try request.text(1).bytes.map(\.lowercased)
        let at = bytes.firstIndex(of: UInt8(ascii: "@"))
        if self.settings.usesDomain {
            guard at != nil else { throw RPCFault(500, "AOR without domain") }
        } else if let at {
            bytes.removeSubrange(at...)
        }
        return ByteString(bytes)
    }

    private func add(_ request: RPCRequest) throws(RPCFault) -> [RPCValue] {
        guard request.has(8) else { throw RPCFault(500, "Not enough parameters or wrong format") }
        let table = try self.existing(request)
        let address = try self.address(request)
        let uri = try request.text(2)
        let expires = try request.int(3)
        let path = try request.text(5)
        let quality = Double(try request.text(4).string)
        guard let quality, quality.isFinite else {
            throw RPCFault(500, "Not enough parameters or wrong format")
        }
        let flags = try request.int(6)
        let branchFlags = try request.int(7)
        let methods = try request.int(8)
        let now = Instant.now()
        let call = ByteString("dfjrewr12386fd6-343@\(self.store.commons.identity)rpc")
        let vector = path == "." || path == "0" ? ByteString() : path
        let agent = ByteString("apus RPC")
        let text = uri + call
        let memo = self.makeMemo()
        var registration = Registration(callID: ByteRange(start: uri.count, count: call.count), cSeq: 1)
        registration.userAgent = memo.id(agent.span)
        registration.path = memo.id(vector.span)
        registration.flags = UInt32(truncatingIfNeeded: flags)
        registration.branchFlags = UInt32(truncatingIfNeeded: branchFlags)
        let updates = FlatStore<BindingUpdate>(capacity: 1)
        let q = quality < 0 || quality > 1 ? -1 : Int16((quality * 1000).rounded())
        updates.append(
            BindingUpdate(
                uri: ByteRange(start: 0, count: uri.count),
                expires: expires == 0 ? .max : UInt32(clamping: expires), q: q,
                methods: UInt32(truncatingIfNeeded: methods)))
        var rules = self.rules
        rules.cSeqDelay = 0
        let result = table.register(
            address.span, text.span, updates, registration,
            received: ByteString().span, rules: rules, now: now, listing: nil, into: ByteBuffer(capacity: 1))
        if result.isFailure { throw RPCFault(500, "Internal error while adding contact") }
        return []
    }
}

// The shape of answers.
extension UserLocation {
    private func dump(_ table: LocationTable, _ isBrief: Bool) -> RPCValue {
        var addresses: [RPCValue.Member] = []
        var mostInOne = 0
        let now = Instant.now()
        for index in 0..<table.stripes.count {
            // Names under one lock, bindings under one lock per name: no stripe is held for long.
            var names: [(name: ByteString, hash: UInt32)] = []
            table.stripes.withStripe(at: index) { stripe in
                var records: [AddressRecord] = []
                stripe.addresses.forEach { _, record in records.append(record) }
                names = records.map { (ByteString(stripe.texts.span($0.name)), $0.hash) }
            }
            mostInOne = max(mostInOne, names.count)
            for (name, hash) in names {
                guard !isBrief else {
                    addresses.append(.init("AoR", .text(name)))
                    continue
                }
                let contacts = table.contacts(of: name.span, now: now, includingExpired: true)
                guard !contacts.isEmpty else { continue }
                let members = contacts.map { contact in RPCValue.Member("Contact", self.answer(contact, now)) }
                addresses.append(
                    .init(
                        "Info",
                        .structure([
                            .init("AoR", .text(name)),
                            .init("HashID", .int(Int(hash & 0x7fff_ffff))),
                            .init("Contacts", .structure(members)),
                        ])))
            }
        }
        return .structure([
            .init("Domain", .text(table.name)),
            .init("Size", .int(1 << self.settings.hashSize)),
            .init("AoRs", .structure(addresses)),
            .init(
                "Stats",
                .structure([.init("Records", .int(addresses.count)), .init("Max-Slots", .int(mostInOne))])),
        ])
    }

    private func answer(_ contact: FoundContact, _ now: Instant) -> RPCValue {
        func text(_ value: ByteString) -> RPCValue { value.isEmpty ? .string("[not set]") : .text(value) }
        let record = contact.record
        let expires: RPCValue =
            if let left = contact.secondsLeft { left > 0 ? .int(left) : .string("expired") } else {
                .string("permanent")
            }
        let modified = WallClock.seconds() - (Int(now.seconds) - Int(record.modified))
        return .structure([
            .init("Address", .text(contact.uri)),
            .init("Expires", expires),
            .init("Q", record.q < 0 ? .int(-1) : .double(Double(record.q) / 1000)),
            .init("Call-ID", .text(contact.callID)),
            .init("CSeq", .int(Int(record.cSeq))),
            .init("User-Agent", contact.userAgent.isEmpty ? .string("n/a") : .text(contact.userAgent)),
            .init("Received", text(contact.received)),
            .init("Path", text(contact.path)),
            .init("State", .string(record.isStored ? record.isDirty ? "CS_DIRTY" : "CS_SYNC" : "CS_NEW")),
            .init("Flags", .int(Int(record.flags))),
            .init("CFlags", .int(Int(record.branchFlags))),
            .init("Socket", text(contact.socket)),
            .init("Methods", .int(Int(Int32(bitPattern: record.methods)))),
            .init("Ruid", .text(contact.ruid)),
            .init("Instance", text(contact.instance)),
            .init("Reg-Id", .int(Int(record.regID))),
            .init("Server-Id", .int(self.serverID)),
            .init("Tcpconn-Id", .int(record.connection == 0 ? -1 : Int(truncatingIfNeeded: record.connection))),
            .init("Keepalive", .int(self.isKeptAlive(contact) ? 1 : 0)),
            .init(
                "Last-Keepalive",
                .int(record.answered == 0 ? modified : modified + Int(record.answered) - Int(record.modified))),
            .init("KA-Roundtrip", .int(Int(record.roundTrip))),
            .init("Last-Modified", .int(modified)),
        ])
    }
}
