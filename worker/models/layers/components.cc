#include "worker/models/layers/components.h"

namespace cusp::models {
namespace {

thread_local ComponentListener* g_listener = nullptr;

}  // namespace

ComponentScope::ComponentScope(ComponentListener* listener) : before_(g_listener) {
  g_listener = listener;
}

ComponentScope::~ComponentScope() { g_listener = before_; }

void Enter(Component component) {
  if (g_listener != nullptr) {
    g_listener->Enter(component);
  }
}

}  // namespace cusp::models
