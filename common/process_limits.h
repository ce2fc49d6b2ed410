// What the kernel lets this process have.
#pragma once

namespace cusp {

// Lets the process open as many files and sockets as the system allows it: shells give
// 1,024 by default, fewer than a service has connections. Leaves the limit where it can't
// be changed.
void RaiseDescriptorLimit();

}  // namespace cusp
