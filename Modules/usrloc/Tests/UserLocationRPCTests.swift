import Bytes
import ModuleKit
import SIPTesting
import Testing

@testable import usrloc

@Suite("usrloc: RPC commands, answers as Kamailio 5.6.3 gives them")
struct UserLocationRPCTests {
    let bench: ModuleBench

    init() throws {
        self.bench = ModuleBench()
        try self.bench.load(UserLocation.self, [("preload", .text("location"))])
    }

    func call(_ command: String, _ parameters: RPCValue...) -> Result<[RPCValue], RPCFault> {
        do throws(RPCFault) {
            return .success(try self.bench.call(command, parameters))
        } catch {
            return .failure(error)
        }
    }

    func add(_ address: String, expires: Int = 100) -> Result<[RPCValue], RPCFault> {
        self.call(
            "ul.add", .string("location"), .string(address), .string("sip:z@1.2.3.4"), .int(expires), .double(0.5),
            .string("."), .int(0), .int(0), .int(32))
    }

    @Test func `a binding that was added is looked up with all its fields`() {
        #expect(self.add("Zed") == .success([]))
        guard case .success(let answer) = self.call("ul.lookup", .string("location"), .string("zed@x.com")),
            case .structure(let members)? = answer.first, members.count == 2,
            case .structure(let contacts) = members[1].value, case .structure(let fields)? = contacts.first?.value
        else {
            Issue.record("no binding")
            return
        }
        #expect(members.map(\.name) == ["AoR", "Contacts"])
        #expect(members[0].value == .string("zed"))
        #expect(
            fields.map(\.name) == [
                "Address", "Expires", "Q", "Call-ID", "CSeq", "User-Agent", "Received", "Path", "State", "Flags",
                "CFlags",
                "Socket", "Methods", "Ruid", "Instance", "Reg-Id", "Server-Id", "Tcpconn-Id", "Keepalive",
                "Last-Keepalive", "KA-Roundtrip", "Last-Modified",
            ])
        #expect(fields[0].value == .string("sip:z@1.2.3.4"))
        #expect(fields[2].value == .double(0.5))
        #expect(fields[6].value == .string("[not set]"))
        #expect(fields[12].value == .int(32))
    }

    @Test func `ul.dump lists tables, addresses and bindings`() {
        _ = self.add("zed")
        guard case .success(let answer) = self.call("ul.dump", .string("brief")) else {
            Issue.record("no answer")
            return
        }
        #expect(
            answer == [
                .structure([
                    .init(
                        "Domains",
                        .structure([
                            .init(
                                "Domain",
                                .structure([
                                    .init("Domain", .string("location")), .init("Size", .int(1024)),
                                    .init("AoRs", .structure([.init("AoR", .string("zed"))])),
                                    .init(
                                        "Stats", .structure([.init("Records", .int(1)), .init("Max-Slots", .int(1))])),
                                ]))
                        ]))
                ])
            ])
    }

    @Test func `faults`() {
        #expect(
            self.call("ul.lookup", .string("location"))
                == .failure(RPCFault(500, "Not enough parameters (table and AOR to lookup)")))
        #expect(
            self.call("ul.lookup", .string("nodom"), .string("x")) == .failure(RPCFault(500, "Domain table not found")))
        #expect(
            self.call("ul.lookup", .string("location"), .string("x"))
                == .failure(RPCFault(500, "AOR not found in location table")))
        #expect(
            self.call("ul.add", .string("location"), .string("z"))
                == .failure(RPCFault(500, "Not enough parameters or wrong format")))
        #expect(self.call("ul.rm", .string("location"), .string("nosuch")) == .success([]))
        let contact = RPCValue.string("sip:z@1.2.3.4")
        #expect(
            self.call("ul.rm_contact", .string("location"), .string("zed"), contact)
                == .failure(RPCFault(404, "AOR not found")))
        _ = self.add("zed")
        #expect(
            self.call("ul.rm_contact", .string("location"), .string("zed"), .string("sip:x"))
                == .failure(RPCFault(404, "Contact not found")))
        #expect(self.call("ul.rm_contact", .string("location"), .string("zed"), contact) == .success([]))
        #expect(self.call("ul.flush") == .success([]))
        #expect(self.bench.counters.value("usrloc", "registered_users") == 0)
    }

    @Test func `bindings outlive the module`() throws {
        _ = self.add("zed")
        let again = try self.bench.load(UserLocation.self)
        #expect(again.location("location").addressCount == 1)
        #expect(self.bench.counters.value("usrloc", "location_contacts") == 1)
    }
}
