// Which part of a model the time goes to.
#pragma once

#include "catalog/cost.h"

namespace cusp::models {

using catalog::Component;

// Hears where a forward pass goes on to another part. Called on the thread that
// runs the model.
class ComponentListener {
 public:
  virtual ~ComponentListener() = default;
  virtual void Enter(Component component) = 0;
};

// Makes `listener` hear this thread's passes while the scope lives; scopes nest.
class ComponentScope {
 public:
  explicit ComponentScope(ComponentListener* listener);
  ComponentScope(const ComponentScope&) = delete;
  ComponentScope& operator=(const ComponentScope&) = delete;
  ~ComponentScope();

 private:
  ComponentListener* before_;
};

// From here on, work belongs to `component`, until the next call. So every moment of
// a pass belongs to exactly one, and the parts sum to the whole. Costs one
// branch where nobody listens.
void Enter(Component component);

}  // namespace cusp::models
