#include "common/served_devices.h"

#include <algorithm>

namespace cusp {

std::vector<std::string> ServedDevices(const std::string& device, const std::string& device_class) {
  std::vector<std::string> devices = {"auto", device.substr(0, device.find(':'))};
  if (std::find(devices.begin(), devices.end(), device_class) == devices.end()) {
    devices.push_back(device_class);
  }
  return devices;
}

}  // namespace cusp
