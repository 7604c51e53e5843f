import Bytes
import ModuleKit

extension UserAgentClient {
    public var commands: [RPCCommand] { self.questions + self.changes }

    private var questions: [RPCCommand] {
        [
            RPCCommand("uac.reg_dump", returnsArray: true, "Lists the registrations; passwords are not shown.") {
                [unowned self] _ throws(RPCFault) in
                let now = self.registrations.clock.seconds()
                return self.registrations.all.map { Self.describe($0, now) }
            },
            RPCCommand("uac.reg_info", "Shows a registration: attribute (l_uuid, l_username, …), value.") {
                [unowned self] request throws(RPCFault) in
                [Self.describe(try self.find(request), self.registrations.clock.seconds())]
            },
            RPCCommand("uac.reg_active", "Says whether registrations are made: 0 or 1; tells old and new mode.") {
                [unowned self] request throws(RPCFault) in
                let isOn = try request.int(0) != 0
                let was = self.registrations.activate(isOn)
                return [.structure(["omode": .int(was ? 1 : 0), "nmode": .int(isOn ? 1 : 0)])]
            },
        ]
    }

    private var changes: [RPCCommand] {
        [
            RPCCommand(
                "uac.reg_add",
                "Adds a registration: l_uuid l_username l_domain r_username r_domain realm auth_username auth_password auth_ha1 auth_proxy expires flags reg_delay contact_addr [contact_user] socket; . is empty."
            ) { [unowned self] request throws(RPCFault) in
                try self.add(request)
                return []
            },
            RPCCommand("uac.reg_remove", "Forgets a registration: uuid; the registrar is not told.") {
                [unowned self] request throws(RPCFault) in
                guard self.registrations.remove(try request.text(0)) else { throw Self.unknown }
                return []
            },
            RPCCommand("uac.reg_enable", "Enables a registration: attribute, value.") {
                [unowned self] request throws(RPCFault) in
                _ = self.registrations.change(try self.find(request).uuid) {
                    $0.enable(self.registrations.clock.seconds())
                }
                return []
            },
            RPCCommand("uac.reg_disable", "Disables a registration: attribute, value.") {
                [unowned self] request throws(RPCFault) in
                _ = self.registrations.change(try self.find(request).uuid) {
                    $0.disable(self.registrations.clock.seconds())
                }
                return []
            },
            .waiting("uac.reg_refresh", "Reads one registration from the database again and makes it anew: uuid.") {
                [unowned self] request, answer in
                let uuid: ByteString
                do throws(RPCFault) {
                    uuid = try request.text(0)
                } catch {
                    return answer.refuse(error)
                }
                self.refresh(uuid) { isDone in
                    if isDone { answer.give([]) } else { answer.refuse(Self.unknown) }
                }
            },
            .waiting("uac.reg_reload", "Reads all registrations from the database again.") {
                [unowned self] _, answer in
                self.reload { problem in
                    if let problem { answer.refuse(RPCFault(500, problem)) } else { answer.give([]) }
                }
            },
            RPCCommand("uac.reg_register", "Sends REGISTER now: attribute, value.") {
                [unowned self] request throws(RPCFault) in
                self.send(try self.find(request).uuid, isEnd: false)
                return []
            },
            RPCCommand("uac.reg_unregister", "Ends a registration at the registrar now: attribute, value.") {
                [unowned self] request throws(RPCFault) in
                self.send(try self.find(request).uuid, isEnd: true)
                return []
            },
        ]
    }

    private static let unknown = RPCFault(404, "Record not found")

    private func find(_ request: RPCRequest) throws(RPCFault) -> Registration {
        guard let filter = RegistrationFilter(try request.text(0), try request.text(1)) else {
            throw RPCFault(400, "Unsupported filter attribute")
        }
        guard let found = self.registrations.find(filter) else { throw Self.unknown }
        return found
    }

    private func send(_ uuid: ByteString, isEnd: Bool) {
        self.host.perform(after: .zero) { [weak self] worker in
            _ = self?.register(uuid, isEnd: isEnd, by: worker)
        }
    }

    /// 15 parameters as Kamailio 5 has them, or 16 with `contact_user`.
    private func add(_ request: RPCRequest) throws(RPCFault) {
        guard request.parameters.count >= 15 else { throw RPCFault(400, "Invalid Parameters") }
        func text(_ index: Int) throws(RPCFault) -> ByteString {
            let text = try request.text(index)
            return text == "." ? ByteString() : text
        }
        var registration = Registration(uuid: try text(0))
        registration.localUser = try text(1)
        registration.localDomain = try text(2)
        registration.remoteUser = try text(3)
        registration.remoteDomain = try text(4)
        registration.realm = try text(5)
        registration.user = try text(6)
        registration.password = try text(7)
        registration.hash = try text(8)
        registration.proxy = try text(9)
        registration.wishes = Registration.bounded(try request.int(10))
        if registration.wishes == 0 { registration.wishes = 3600 }
        registration.expires = registration.wishes
        registration.state = try request.int(11) & 1 != 0 ? .disabled : []
        registration.delay = Registration.bounded(try request.int(12))
        registration.contactAddress = try text(13)
        if request.has(15) { registration.contactUser = try text(14) }
        registration.socket = try text(request.has(15) ? 15 : 14)
        guard !registration.uuid.isEmpty, !registration.remoteDomain.isEmpty else {
            throw RPCFault(400, "Invalid Parameters")
        }
        if registration.contactAddress.isEmpty { registration.contactAddress = self.settings.contactAddress }
        guard !registration.contactAddress.isEmpty else { throw RPCFault(500, "No contact address - reg_contact_addr") }
        registration.plan(self.registrations.clock.seconds(), self.spread)
        guard self.registrations.add(registration) else { throw RPCFault(409, "uuid already exists") }
    }

    private static func describe(_ registration: Registration, _ now: Int) -> RPCValue {
        func shown(_ text: ByteString, _ empty: ByteString = "none") -> RPCValue { .text(text.isEmpty ? empty : text) }
        // Whoever may look need not be one who may register as somebody else.
        func secret(_ text: ByteString) -> RPCValue { .string(text.isEmpty ? "none" : "***") }
        return .structure([
            "l_uuid": shown(registration.uuid), "l_username": shown(registration.localUser),
            "l_domain": shown(registration.localDomain), "r_username": shown(registration.remoteUser),
            "r_domain": shown(registration.remoteDomain), "realm": shown(registration.realm),
            "auth_username": shown(registration.user), "auth_password": secret(registration.password),
            "auth_ha1": secret(registration.hash), "auth_proxy": shown(registration.proxy),
            "expires": .int(registration.expires), "flags": .int(registration.state.rawValue),
            "diff_expires": .int(registration.expiresAt - now), "timer_expires": .int(registration.expiresAt),
            "reg_init": .int(registration.createdAt), "reg_delay": .int(registration.delay),
            "contact_addr": shown(registration.contactAddress), "contact_user": shown(registration.contactUser, "."),
            "socket": shown(registration.socket, "."),
        ])
    }
}
