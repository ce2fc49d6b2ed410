// A stand-in for NVIDIA's management library, loaded by nvml_test: one device, whose counter
// of energy grows by 1.5 J with each reading.

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
const char* nvmlErrorString(int code) { return code == 6 ? "Not Found" : "Unknown Error"; }

int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
  static int the_device = 0;
  if (id[0] != '0' || id[5] != '4') {
    return 6;
  }
  *device = &the_device;
  return 0;
}

int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  static unsigned long long total = 1000;
  total += 1500;
  *millijoules = total;
  return 0;
}

int nvmlDeviceGetClockInfo(void*, unsigned type, unsigned* clock) {
  *clock = type == 0 ? 1980 : type == 2 ? 3201 : 0;
  return 0;
}

int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 351'250;
  return 0;
}

// As on a device without a sensor.
int nvmlDeviceGetTemperature(void*, unsigned, unsigned*) { return 3; }

int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = 0x1 | 0x4 | 0x20;
  return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(void*, unsigned* count, void*) {
  *count = 2;
  return 7;  // not enough room for them
}

int nvmlSystemGetDriverVersion(char* version, unsigned) {
  const char text[] = "570.86.15";
  for (unsigned i = 0; i < sizeof text; ++i) {
    version[i] = text[i];
  }
  return 0;
}

}  // extern "C"
