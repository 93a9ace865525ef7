"""How GAS scales, on paper: the rules of ``ecs/worker.yaml`` against days and bursts of jobs."""
