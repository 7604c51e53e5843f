import Bytes
import ModuleKit

extension RedirectFollower {
    public struct Settings: Sendable {
        /// What is written of each contact that is followed, when a reason is given.
        enum Accounts: Sendable {
            case log
            case table
            case both
            case nothing
        }

        var denied: RegularExpression?
        var accepted: RegularExpression?
        var acceptsByDefault = true
        var accounts = Accounts.log
        var table = ByteString("acc")
        var branchFlags = 0
        var flagsMode = 0
        /// Thousandths.
        var quality = 10

        /// Flags of a branch whose contact has these; nil: none.
        func flags(_ own: UInt32?) -> UInt32 {
            let standard = UInt32(truncatingIfNeeded: self.branchFlags)
            guard let own, self.flagsMode > 0 else { return standard }
            return self.flagsMode == 1 ? own : own | standard
        }
    }

    public static var defaultSettings: Settings { Settings() }

    public static var parameters: [ModuleParameter<Settings>] {
        [
            Self.filter(
                "deny_filter", \.denied, "Contacts that match it are not followed, if none is by default denied."),
            Self.filter("accept_filter", \.accepted, "Contacts that match it are followed, whatever denies them."),
            ModuleParameter(
                "default_filter", .text, default: "accept",
                "What becomes of contacts that no filter matches: accept, deny."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                switch text {
                case "accept": settings.acceptsByDefault = true
                case "deny": settings.acceptsByDefault = false
                default: throw ArgumentError("default_filter is accept or deny, not \(text)")
                }
            },
            ModuleParameter(
                "acc_function", .text, default: "acc_log_request",
                "What accounts contacts that are followed with a reason: acc_log_request, acc_db_request, acc_request; empty: nothing."
            ) { settings, value in
                guard case .text(let text) = value else { return }
                switch text {
                case "acc_log_request": settings.accounts = .log
                case "acc_db_request": settings.accounts = .table
                case "acc_request": settings.accounts = .both
                case "": settings.accounts = .nothing
                default: throw ArgumentError("acc_function: \(text) is no function of acc")
                }
            },
            ModuleParameter("acc_db_table", \.table, "Table for those rows."),
            ModuleParameter(
                "bflags", \.branchFlags, in: 0...Int(UInt32.max), "Branch flags of the new branches, as a sum of bits."),
            ModuleParameter(
                "flags_hdr_mode", \.flagsMode, in: 0...2,
                "The parameter flags of a Contact: 0 does not count, 1 in place of bflags, 2 together with them."),
            ModuleParameter(
                "q_value", \.quality, in: 0...1000, "q of contacts that have none, in thousandths."),
        ]
    }

    private static func filter(
        _ name: String, _ path: WritableKeyPath<Settings, RegularExpression?> & Sendable, _ summary: String
    ) -> ModuleParameter<Settings> {
        ModuleParameter(name, .text, summary) { settings, value in
            guard case .text(let text) = value else { return }
            guard !text.isEmpty else { return settings[keyPath: path] = nil }
            do throws(RegularExpression.Failure) {
                settings[keyPath: path] = try RegularExpression(text, ignoringCase: true)
            } catch {
                throw ArgumentError("\(name): \(error.message)")
            }
        }
    }
}
