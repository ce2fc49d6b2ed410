// Which device a job may ask for to get a certain one.
#pragma once

#include <string>
#include <vector>

namespace cusp {

// "auto", the kind of device ("cpu", "cuda" of "cuda:0") and its class, each once.
std::vector<std::string> ServedDevices(const std::string& device, const std::string& device_class);

}  // namespace cusp
