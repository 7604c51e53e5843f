import Bytes
import ModuleKit
import SIPMessage

extension SecurityFilter {
    private typealias Place = FilterStatistics.Place

    public var functions: [ScriptFunction] { self.valueFunctions + self.addressFunctions + self.injectionFunctions }

    private static let outcomes = [2: "it is let in", 1: "no list has it", -2: "it is refused"]

    private var valueFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "secf_check_ip", in: .any, summary: "Looks for the address that the message comes from.",
                outcomes: Self.outcomes, example: "if (!secf_check_ip()) { exit; }"
            ) { [unowned self] route, _ in
                self.look(for: ByteString(route.arrival.source.ip.description), .address, .address, in: route)
            },
            ScriptFunction(
                "secf_check_ua", in: .any, summary: "Looks for the User-Agent.", outcomes: Self.outcomes,
                example: "if (!secf_check_ua()) { exit; }"
            ) { [unowned self] route, _ in
                let message = route.message
                return self.look(for: message.text(message.value(.userAgent)), .userAgent, .userAgent, in: route)
            },
            ScriptFunction(
                "secf_check_country", Argument("country", .format, "Code of a country."), in: .any,
                summary: "Looks for a country.", outcomes: Self.outcomes,
                example: #"if (!secf_check_country("$avp(country)")) { exit; }"#
            ) { [unowned self] route, arguments in
                self.look(for: arguments.text(0, in: route), .country, .country, in: route)
            },
            ScriptFunction(
                "secf_check_dst", Argument("number", .format, "A number that is called."), in: .any,
                summary: "Looks for a number among those that are not called.",
                outcomes: [1: "it may be called", -2: "it may not"],
                example: #"if (!secf_check_dst("$rU")) { send_reply("403", "Forbidden"); exit; }"#
            ) { [unowned self] route, arguments in
                let number = arguments.text(0, in: route)
                let isRefused = self.lists.read {
                    self.settings.matchesExactly ? $0.destinations.has(number) : $0.destinations.matches(number)
                }
                guard isRefused else { return .success }
                route.worker.count(self.statistics.destinations)
                return -2
            },
        ]
    }

    private func look(for text: ByteString, _ kind: FilterKind, _ place: Place, in route: RouteContext) -> Outcome {
        let (isAllowed, isBlocked) = self.lists.read { ($0.allows(kind, text), $0.blocks(kind, text)) }
        return self.answer(isAllowed ? 2 : isBlocked ? -2 : 1, place, in: route)
    }

    /// Counts an answer and gives it.
    private func answer(_ code: Int, _ place: Place, in route: RouteContext) -> Outcome {
        if code > 1 { route.worker.count(self.statistics.allowed[place.rawValue]) }
        if code < 0 { route.worker.count(self.statistics.blocked[place.rawValue]) }
        return .code(code)
    }

    // MARK: Names and addresses

    private var addressFunctions: [ScriptFunction] {
        let names = [4: "its name is let in", -4: "its name is refused"]
        let outcomes = [
            3: "its domain is let in", 2: "its user is let in", 1: "no list has any of it", -2: "its user is refused",
            -3: "its domain is refused",
        ]
        return [
            ScriptFunction(
                "secf_check_from_hdr", in: .any, summary: "Looks for display name, user and domain of From.",
                outcomes: outcomes.merging(names) { $1 }, example: "if (!secf_check_from_hdr()) { exit; }"
            ) { [unowned self] route, _ in
                let found = self.judge(route.message.from, of: route.message)
                return self.answer(found.code, found.place(.fromName, .fromUser, .fromDomain), in: route)
            },
            ScriptFunction(
                "secf_check_to_hdr", in: .any, summary: "Looks for display name, user and domain of To.",
                outcomes: outcomes.merging(names) { $1 }, example: "if (!secf_check_to_hdr()) { exit; }"
            ) { [unowned self] route, _ in
                let found = self.judge(route.message.to, of: route.message)
                return self.answer(found.code, found.place(.toName, .toUser, .toDomain), in: route)
            },
            ScriptFunction(
                "secf_check_contact_hdr", in: .any,
                summary: "Looks for user and domain of each Contact; one that is refused decides.", outcomes: outcomes,
                example: "if (!secf_check_contact_hdr()) { exit; }"
            ) { [unowned self] route, _ in
                self.checkContacts(route)
            },
        ]
    }

    private func checkContacts(_ route: RouteContext) -> Outcome {
        var best = Judgement.unknown
        route.message.forEachNameAddress(in: .contact) { contact in
            guard contact.isValid, !contact.isStar else { return true }
            let found = self.judge(contact, of: route.message, hasName: false)
            if found.code < 0 || best == .unknown { best = found }
            return found.code > 0
        }
        return self.answer(best.code, best.place(.contactName, .contactUser, .contactDomain), in: route)
    }

    private enum Judgement {
        case unknown, allowedName, allowedUser, allowedDomain, blockedName, blockedUser, blockedDomain

        var code: Int {
            switch self {
            case .unknown: 1
            case .allowedName: 4
            case .allowedUser: 2
            case .allowedDomain: 3
            case .blockedName: -4
            case .blockedUser: -2
            case .blockedDomain: -3
            }
        }

        func place(_ name: Place, _ user: Place, _ domain: Place) -> Place {
            switch self {
            case .allowedName, .blockedName: name
            case .allowedUser, .blockedUser, .unknown: user
            case .allowedDomain, .blockedDomain: domain
            }
        }
    }

    /// Who is let in goes before who is refused, and users go before domains.
    private func judge(_ address: NameAddress, of message: Message, hasName: Bool = true) -> Judgement {
        guard address.isValid else { return .unknown }
        let span = message.span
        let name = hasName ? ByteString(span, address.displayText(span)) : ByteString()
        var user = ByteString()
        var domain = ByteString()
        if let uri = SIPURI(span, address.uri) {
            user = ByteString(span, uri.user)
            domain = ByteString(span, uri.host)
        }
        return self.lists.read { lists in
            if lists.allows(.user, name) { return .allowedName }
            if lists.allows(.user, user) { return .allowedUser }
            if lists.blocks(.user, user) { return .blockedUser }
            if lists.blocks(.user, name) { return .blockedName }
            if lists.allows(.domain, domain) { return .allowedDomain }
            if lists.blocks(.domain, domain) { return .blockedDomain }
            return .unknown
        }
    }

    // MARK: SQL

    private var injectionFunctions: [ScriptFunction] {
        [
            ScriptFunction(
                "secf_check_sqli_hdr", Argument("value", .format, "A text."), in: .any,
                summary: "Looks for SQL in a text: quotes, -- and three of them written with percent signs.",
                outcomes: [1: "there is none", -1: "there is some"],
                example: #"if (!secf_check_sqli_hdr("$ua")) { exit; }"#
            ) { [unowned self] route, arguments in
                guard InjectionCheck.finds(arguments.text(0, in: route).span) else { return .success }
                route.worker.count(self.statistics.injections)
                return .failure
            },
            ScriptFunction(
                "secf_check_sqli_all", in: .any,
                summary:
                    "Looks for SQL in User-Agent and in names, users and domains of From, To and Contact; ends the script where there is some.",
                outcomes: [1: "there is none", 0: "there is some, and the script ends"],
                example: "secf_check_sqli_all();"
            ) { [unowned self] route, _ in
                guard let place = Self.injection(in: route.message) else { return .success }
                route.log(.info, "secfilter: SQL in \(place)")
                route.worker.count(self.statistics.injections)
                return .stop
            },
        ]
    }

    /// Where a message has SQL; nil: nowhere.
    private static func injection(in message: Message) -> StaticString? {
        let span = message.span
        func finds(_ range: ByteRange) -> Bool {
            range.isPresent && range.count > 0 && InjectionCheck.finds(span.extracting(range.indices))
        }
        func finds(_ address: NameAddress) -> Bool {
            guard address.isValid else { return false }
            if finds(address.displayText(span)) { return true }
            guard let uri = SIPURI(span, address.uri) else { return finds(address.uri) }
            return finds(uri.user) || finds(uri.host)
        }
        if finds(message.value(.userAgent)) { return "User-Agent" }
        if finds(message.from) { return "From" }
        if finds(message.to) { return "To" }
        var isFound = false
        message.forEachNameAddress(in: .contact) { contact in
            isFound = finds(contact)
            return !isFound
        }
        return isFound ? "Contact" : nil
    }
}
