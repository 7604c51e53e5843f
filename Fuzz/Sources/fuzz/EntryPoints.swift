import FuzzTargets

#if canImport(Glibc)
import Glibc
#endif

// The functions that libFuzzer looks for. APUS_FUZZ chooses what the bytes are given to, check if it is not set.

nonisolated(unsafe) private var target = FuzzTarget.check

/// SwiftPM calls the entry point of an executable by this name; libFuzzer has the loop.
@_cdecl("fuzz_main")
public func fuzzMain(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, fuzzerTestOneInput)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@_cdecl("LLVMFuzzerInitialize")
public func fuzzerInitialize(_ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    if let name = getenv("APUS_FUZZ"), let wanted = FuzzTarget(rawValue: String(cString: name)) { target = wanted }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target.run(data.map { Array(UnsafeBufferPointer(start: $0, count: count)) } ?? [])
    return 0
}

@_cdecl("LLVMFuzzerCustomMutator")
public func fuzzerCustomMutator(
    _ data: UnsafeMutablePointer<UInt8>?, _ count: Int, _ limit: Int, _ seed: CUnsignedInt
) -> Int {
    guard let data else { return 0 }
    var mutator = ScriptMutator(seed: UInt64(seed))
    // Half of the time plain bytes, as libFuzzer does it itself.
    if mutator.next(2) == 0 { return mutateBytes(data, count, limit) }
    let given = Array(UnsafeBufferPointer(start: data, count: count))
    let changed = mutator.mutate(given, as: target.shape, limit: limit)
    for (index, byte) in changed.enumerated() { data[index] = byte }
    return changed.count
}

@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int) -> Int
