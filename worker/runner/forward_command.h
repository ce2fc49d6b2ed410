// cusp-runner forward: one forward pass on given weights and inputs, so that
// anyone can compare with a reference.
#pragma once

namespace cusp::runner {

// `argv[0]` is the command's own name. Writes the output file and returns the
// exit code: 0 done, 2 bad usage or input (stderr names the key, tensor or
// file), 1 for anything else.
int RunForward(int argc, char** argv);

}  // namespace cusp::runner
