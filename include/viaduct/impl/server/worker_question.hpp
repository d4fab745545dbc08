#ifndef VIADUCT_IMPL_SERVER_WORKER_QUESTION_HPP
#define VIADUCT_IMPL_SERVER_WORKER_QUESTION_HPP

// How all workers are asked for something.

#include <viaduct/detail/any_handler.hpp>
#include <viaduct/detail/asio.hpp>
#include <viaduct/detail/worker.hpp>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace viaduct::detail {

/// A question to all workers: each answers on its thread, the handler gets the sum where the question came
/// from.
template <class Result, class Fold>
struct worker_question
{
    worker_question(any_handler<void(Result)> whom, net::any_io_executor const& from, Fold adds,
                    std::size_t workers)
        : handler{std::move(whom)},
          work{from},
          handlers_work{handler.get_executor()},
          fold{adds},
          left{workers}
    {}

    void on_answer(Result answer)
    {
        fold(sum, std::move(answer));
        if (--left != 0) return;
        auto const where = handler.get_executor();
        auto const kept = std::move(handlers_work); // until the handler is on its way
        work.reset();
        net::dispatch(where, [call = std::move(handler), all = std::move(sum)]() mutable {
            std::move(call)(std::move(all));
        });
    }

    any_handler<void(Result)> handler;
    net::executor_work_guard<net::any_io_executor> work; // of where the question came from
    net::executor_work_guard<net::any_io_executor> handlers_work;
    Fold fold;
    std::size_t left;
    Result sum{};
};

/// @param ask Called on each worker's thread with its service.
/// @param fold Adds one answer to another, where the question came from.
template <class Result, class Ask, class Fold>
void ask_workers(std::vector<std::shared_ptr<worker>> const& workers, any_handler<void(Result)> handler,
                 Ask ask, Fold fold)
{
    auto const home = workers.front()->executor(); // one thread: its handlers need no lock
    auto const shared =
        std::make_shared<worker_question<Result, Fold>>(std::move(handler), home, fold, workers.size());
    for (auto const& each : workers)
        each->on_thread([each, home, shared, ask]() mutable {
            net::post(home, [shared = std::move(shared), answer = ask(each->service())]() mutable {
                shared->on_answer(std::move(answer));
            });
        });
}

} // namespace viaduct::detail

#endif
