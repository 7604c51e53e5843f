import Glibc

/// A counting semaphore: `post` lets one `wait` through.
@safe
final class Semaphore: @unchecked Sendable {  // sem_t may be used by any thread
    private let handle: UnsafeMutablePointer<sem_t>

    init() {
        unsafe self.handle = .allocate(capacity: 1)
        unsafe sem_init(self.handle, 0, 0)
    }

    deinit {
        unsafe sem_destroy(self.handle)
        unsafe self.handle.deallocate()
    }

    func post() { unsafe sem_post(self.handle) }

    func wait() {
        while unsafe sem_wait(self.handle) != 0 {}  // fails only with EINTR
    }
}
