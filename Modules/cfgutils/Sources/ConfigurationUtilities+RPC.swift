import Bytes
import ModuleKit
import pv

extension UtilityState {
    /// MD5 of a file in hexadecimal; nil when it cannot be read.
    static func digest(of path: ByteString) -> ByteString? {
        guard let text = SystemInput.readFile(path.string, limit: 64 << 20) else { return nil }
        let buffer = ByteBuffer(capacity: 32)
        for byte in MD5.digest(text.span) { buffer.append(hex: UInt64(byte), digits: 2) }
        return ByteString(buffer.span)
    }
}

extension ConfigurationUtilities {
    public var commands: [RPCCommand] { self.flagCommands + self.probabilityCommands + self.digestCommands }

    private var flagCommands: [RPCCommand] {
        let state = self.state
        return [
            RPCCommand("cfgutils.set_gflag", "Sets the global flags of a mask.") { request throws(RPCFault) in
                state.flags.bitwiseOr(try Self.mask(request), ordering: .relaxed)
                return []
            },
            RPCCommand("cfgutils.reset_gflag", "Clears the global flags of a mask.") { request throws(RPCFault) in
                state.flags.bitwiseAnd(~(try Self.mask(request)), ordering: .relaxed)
                return []
            },
            RPCCommand("cfgutils.is_gflag", "Tells whether all global flags of a mask are set: TRUE or FALSE.") {
                request throws(RPCFault) in
                let mask = try Self.mask(request)
                return [.string(state.flags.load(ordering: .relaxed) & mask == mask ? "TRUE" : "FALSE")]
            },
            RPCCommand("cfgutils.get_gflags", "Tells the global flags, in hexadecimal and decimal.") { _ in
                let flags = state.flags.load(ordering: .relaxed)
                return [.string("0x\(String(flags, radix: 16, uppercase: true)) (\(flags))")]
            },
        ]
    }

    /// A mask of flags, decimal or hexadecimal.
    private static func mask(_ request: RPCRequest) throws(RPCFault) -> UInt32 {
        guard request.has(0), let text = try? request.text(0), !text.isEmpty,
            let number = Value.integer(text.span, ByteRange(start: 0, count: text.count)),
            let mask = UInt32(exactly: number)
        else { throw RPCFault(500, "Invalid Parameters") }
        return mask
    }

    private var probabilityCommands: [RPCCommand] {
        let state = self.state
        let first = self.settings.initialProbability
        return [
            RPCCommand("cfgutils.rand_set_prob", "Sets how often rand_event() is true, in percent.") {
                request throws(RPCFault) in
                guard request.has(0), let percent = try? request.int(0) else {
                    throw RPCFault(500, "Invalid Parameters")
                }
                guard 0...100 ~= percent else { throw RPCFault(500, "Invalid Percent") }
                state.probability.store(percent, ordering: .relaxed)
                return []
            },
            RPCCommand("cfgutils.rand_reset_prob", "Sets the probability back to initial_probability.") { _ in
                state.probability.store(first, ordering: .relaxed)
                return []
            },
            RPCCommand("cfgutils.rand_get_prob", "Tells how often rand_event() is true.") { _ in
                [.string("actual probability: \(state.probability.load(ordering: .relaxed)) percent")]
            },
        ]
    }

    private var digestCommands: [RPCCommand] {
        let state = self.state
        let path = self.settings.hashFile
        return [
            RPCCommand("cfgutils.get_config_hash", "Tells the MD5 that hash_file had when the server started.") {
                _ throws(RPCFault) in
                guard let digest = state.configurationDigest.withLock({ $0 }) else {
                    throw RPCFault(500, "No hash file")
                }
                return [.text(digest)]
            },
            RPCCommand("cfgutils.check_config_hash", "Tells whether hash_file is as it was when the server started.") {
                _ throws(RPCFault) in
                guard let digest = state.configurationDigest.withLock({ $0 }) else {
                    throw RPCFault(500, "No hash file")
                }
                guard let now = UtilityState.digest(of: path) else { throw RPCFault(500, "Failed to hash the file") }
                return [.string(now == digest ? "Identical hash" : "Different hash")]
            },
        ]
    }
}
