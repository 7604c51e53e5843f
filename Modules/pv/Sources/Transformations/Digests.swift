import Bytes

/// RFC 1321.
public enum MD5 {
    private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
    /// The integer parts of 2³² times |sin(i + 1)|.
    private static let table: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]

    /// The 16 bytes of the digest.
    public static func digest(_ span: Span<UInt8>) -> [UInt8] {
        let message = Padding.padded(span, isBigEndian: false)
        var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
        for block in stride(from: 0, to: message.count, by: 64) {
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            for round in 0..<64 {
                let mix: UInt32
                let word: Int
                switch round >> 4 {
                case 0: (mix, word) = ((b & c) | (~b & d), round)
                case 1: (mix, word) = ((d & b) | (~d & c), (5 * round + 1) & 15)
                case 2: (mix, word) = (b ^ c ^ d, (3 * round + 5) & 15)
                default: (mix, word) = (c ^ (b | ~d), (7 * round) & 15)
                }
                let at = block + word * 4
                let value =
                    UInt32(message[at]) | UInt32(message[at + 1]) << 8 | UInt32(message[at + 2]) << 16
                    | UInt32(message[at + 3]) << 24
                let sum = a &+ mix &+ self.table[round] &+ value
                let shift = self.shifts[(round >> 4) * 4 + round & 3]
                (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
            }
            state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) } }
    }
}

/// FIPS 180-4 §6.2.
public enum SHA256 {
    private static let table: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    /// The 32 bytes of the digest.
    public static func digest(_ span: Span<UInt8>) -> [UInt8] {
        let message = Padding.padded(span, isBigEndian: true)
        var state: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value >> count | value << (32 - count) }
        var words = [UInt32](repeating: 0, count: 64)
        for block in stride(from: 0, to: message.count, by: 64) {
            for index in 0..<16 {
                let at = block + index * 4
                words[index] =
                    UInt32(message[at]) << 24 | UInt32(message[at + 1]) << 16 | UInt32(message[at + 2]) << 8
                    | UInt32(message[at + 3])
            }
            for index in 16..<64 {
                let early = words[index - 15]
                let late = words[index - 2]
                words[index] =
                    words[index - 16] &+ (rotated(early, 7) ^ rotated(early, 18) ^ early >> 3)
                    &+ words[index - 7] &+ (rotated(late, 17) ^ rotated(late, 19) ^ late >> 10)
            }
            var w = state
            for index in 0..<64 {
                let choice = (w[4] & w[5]) ^ (~w[4] & w[6])
                let first = w[7] &+ (rotated(w[4], 6) ^ rotated(w[4], 11) ^ rotated(w[4], 25)) &+ choice
                let sum = first &+ self.table[index] &+ words[index]
                let majority = (w[0] & w[1]) ^ (w[0] & w[2]) ^ (w[1] & w[2])
                let other = (rotated(w[0], 2) ^ rotated(w[0], 13) ^ rotated(w[0], 22)) &+ majority
                w = [sum &+ other, w[0], w[1], w[2], w[3] &+ sum, w[4], w[5], w[6]]
            }
            for index in 0..<8 { state[index] = state[index] &+ w[index] }
        }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - $0 * 8)) } }
    }
}

/// A one bit, zeros, and the length in bits, in an eighth of a block: whole blocks.
enum Padding {
    static func padded(_ span: Span<UInt8>, isBigEndian: Bool, block: Int = 64) -> [UInt8] {
        var message = ByteString(span).bytes
        let bits = UInt64(message.count) &* 8
        message.append(0x80)
        while message.count % block != block - block / 8 { message.append(0) }
        // Of a length of 16 bytes the first 8 are 0.
        if block == 128 { message.append(contentsOf: [UInt8](repeating: 0, count: 8)) }
        for index in 0..<8 {
            let shift = UInt64(isBigEndian ? 56 - index * 8 : index * 8)
            message.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
        return message
    }

    /// The big-endian number of `count` bytes at `offset`.
    static func word(_ message: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<count { value = value << 8 | UInt64(message[offset + index]) }
        return value
    }
}
